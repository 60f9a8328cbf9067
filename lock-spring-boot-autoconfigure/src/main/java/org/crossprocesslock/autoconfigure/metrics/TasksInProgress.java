package org.crossprocesslock.autoconfigure.metrics;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.LongTaskTimer.Sample;
import org.jspecify.annotations.Nullable;

/**
 * What goes on now, each a sample of a timer. Of several that are equal the one that
 * began first counts as the one that ends. Safe from any thread.
 *
 * @param <T> what tells one from another
 */
final class TasksInProgress<T> {

	private final LongTaskTimer timer;

	private final Map<T, Deque<Sample>> samples = new ConcurrentHashMap<>();

	TasksInProgress(LongTaskTimer timer) {
		this.timer = timer;
	}

	void begin(T task) {
		this.samples.compute(task, (same, begun) -> {
			Deque<Sample> all = (begun != null) ? begun : new ArrayDeque<>(1);
			all.add(this.timer.start());
			return all;
		});
	}

	/** Ends one, if its begin was told. */
	void end(T task) {
		this.samples.computeIfPresent(task, (same, begun) -> {
			begun.remove().stop();
			return orNone(begun);
		});
	}

	/** Ends all, of which some may have ended untold. */
	void endAll() {
		this.samples.keySet().forEach((task) -> this.samples.computeIfPresent(task, (same, begun) -> {
			begun.forEach(Sample::stop);
			return null;
		}));
	}

	private static @Nullable Deque<Sample> orNone(Deque<Sample> begun) {
		return begun.isEmpty() ? null : begun;
	}

}
