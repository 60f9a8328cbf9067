package org.crossprocesslock.autoconfigure.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import org.crossprocesslock.autoconfigure.metrics.LockMeters.LockTag;
import org.jspecify.annotations.Nullable;

/**
 * Registers meters as they are documented, with some tags.
 *
 * @param registry where
 * @param tags the tags of each
 */
record MeterFactory(MeterRegistry registry, Tags tags) {

	MeterFactory(MeterRegistry registry, String backend) {
		this(registry, Tags.of(LockTag.BACKEND.asString(), backend));
	}

	MeterFactory name(String name) {
		return with(LockTag.NAME, name);
	}

	MeterFactory outcome(Enum<?> outcome) {
		return outcome(outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'));
	}

	MeterFactory outcome(String outcome) {
		return with(LockTag.OUTCOME, outcome);
	}

	Timer timer(LockMeters meter) {
		return Timer.builder(meter.getName())
			.description(meter.getDescription())
			.tags(this.tags)
			.register(this.registry);
	}

	LongTaskTimer longTaskTimer(LockMeters meter) {
		return LongTaskTimer.builder(meter.getName())
			.description(meter.getDescription())
			.tags(this.tags)
			.register(this.registry);
	}

	Counter counter(LockMeters meter) {
		return Counter.builder(meter.getName())
			.description(meter.getDescription())
			.tags(this.tags)
			.register(this.registry);
	}

	<T> FunctionCounter counter(LockMeters meter, T counted, ToDoubleFunction<T> count) {
		return FunctionCounter.builder(meter.getName(), counted, count)
			.description(meter.getDescription())
			.tags(this.tags)
			.register(this.registry);
	}

	<T> Gauge gauge(LockMeters meter, T measured, ToDoubleFunction<T> value) {
		return Gauge.builder(meter.getName(), measured, value)
			.description(meter.getDescription())
			.tags(this.tags)
			.strongReference(true)
			.register(this.registry);
	}

	/** Of a time in seconds, not a number while there is none. */
	<T> TimeGauge timeGauge(LockMeters meter, T measured, Function<T, @Nullable Duration> time) {
		return TimeGauge.builder(meter.getName(), measured, TimeUnit.NANOSECONDS, (now) -> {
			Duration present = time.apply(now);
			return (present != null) ? (double) present.toNanos() : Double.NaN;
		}).description(meter.getDescription()).tags(this.tags).strongReference(true).register(this.registry);
	}

	private MeterFactory with(LockTag tag, String value) {
		return new MeterFactory(this.registry, this.tags.and(tag.asString(), value));
	}

}
