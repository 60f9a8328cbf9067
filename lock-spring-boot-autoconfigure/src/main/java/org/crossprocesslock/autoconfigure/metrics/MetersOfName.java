package org.crossprocesslock.autoconfigure.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import org.crossprocesslock.LockListener.Refusal;
import org.crossprocesslock.LockRequest;

/**
 * The meters of all requests with one name, every outcome included, from its first one
 * on. Safe from any thread.
 */
final class MetersOfName {

	private final Timer acquired;

	private final Map<Refusal, Timer> refused = new EnumMap<>(Refusal.class);

	private final Timer hold;

	private final Counter lost;

	private final TasksInProgress<LockRequest> waiting;

	private final TasksInProgress<Holding> held;

	MetersOfName(MeterFactory meters) {
		this.acquired = meters.outcome("acquired").timer(LockMeters.WAIT);
		for (Refusal refusal : Refusal.values()) {
			this.refused.put(refusal, meters.outcome(refusal).timer(LockMeters.WAIT));
		}
		this.hold = meters.timer(LockMeters.HOLD);
		this.lost = meters.counter(LockMeters.LOST);
		this.waiting = new TasksInProgress<>(meters.longTaskTimer(LockMeters.WAITING));
		this.held = new TasksInProgress<>(meters.longTaskTimer(LockMeters.HELD));
	}

	void requested(LockRequest request) {
		this.waiting.begin(request);
	}

	void acquired(LockRequest request, long fencingToken, Duration waited) {
		this.waiting.end(request);
		this.held.begin(new Holding(request.key(), fencingToken));
		this.acquired.record(waited);
	}

	void refused(LockRequest request, Refusal refusal, Duration waited) {
		this.waiting.end(request);
		Timer timer = this.refused.get(refusal);
		if (timer != null) {
			timer.record(waited);
		}
	}

	void lost() {
		this.lost.increment();
	}

	void released(LockRequest request, long fencingToken, Duration time) {
		this.held.end(new Holding(request.key(), fencingToken));
		this.hold.record(time);
	}

	/** Gives up what is known of what goes on now: its end may not have been told. */
	void missed() {
		this.waiting.endAll();
		this.held.endAll();
	}

	private record Holding(String key, long fencingToken) {

	}

}
