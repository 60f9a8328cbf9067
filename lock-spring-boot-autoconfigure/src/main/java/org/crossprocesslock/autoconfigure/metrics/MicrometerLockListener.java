package org.crossprocesslock.autoconfigure.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.autoconfigure.metrics.LockMeters.LockTag;

/**
 * Turns what a manager does into meters. Registers every meter as it is documented, and
 * those of a request name with its first request:
 * <ul>
 * <li>{@code cross.process.lock.wait}: timer; {@code name}, {@code backend},
 * {@code outcome} (acquired, busy, timed-out, abandoned, failed)</li>
 * <li>{@code cross.process.lock.hold}: timer; {@code name}, {@code backend}</li>
 * <li>{@code cross.process.lock.waiting}, {@code cross.process.lock.held}: gauges;
 * {@code name}, {@code backend}</li>
 * <li>{@code cross.process.lock.lost}: counter; {@code name}, {@code backend}</li>
 * <li>{@code cross.process.lock.backoff}: timer; {@code backend}</li>
 * <li>{@code cross.process.lock.renewals}: counter; {@code backend}, {@code outcome}
 * (renewed, gone, failed)</li>
 * <li>{@code cross.process.lock.leases.lost}: counter; {@code backend}</li>
 * </ul>
 */
final class MicrometerLockListener implements LockListener {

	private static final String ACQUIRED = "acquired";

	private final MeterRegistry registry;

	private final Tags backend;

	private final Map<String, OfName> ofNames = new ConcurrentHashMap<>();

	MicrometerLockListener(MeterRegistry registry, String backend) {
		this.registry = registry;
		this.backend = Tags.of(LockTag.BACKEND.asString(), backend);
	}

	@Override
	public void onRequested(LockRequest request) {
		of(request).waiting.incrementAndGet();
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		OfName meters = of(request);
		meters.waiting.decrementAndGet();
		meters.held.incrementAndGet();
		waited(meters, ACQUIRED, waited);
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		OfName meters = of(request);
		meters.waiting.decrementAndGet();
		waited(meters, tagValue(refusal), waited);
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		counter(LockMeters.LOST, of(request).tags).increment();
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		OfName meters = of(request);
		meters.held.decrementAndGet();
		timer(LockMeters.HOLD, meters.tags).record(held);
	}

	@Override
	public void onBackoff(Duration pause) {
		timer(LockMeters.BACKOFF, this.backend).record(pause);
	}

	@Override
	public void onRenewal(Renewal renewal) {
		counter(LockMeters.RENEWALS, this.backend.and(LockTag.OUTCOME.asString(), tagValue(renewal))).increment();
	}

	@Override
	public void onLeaseLost(String reason) {
		counter(LockMeters.LEASES_LOST, this.backend).increment();
	}

	private void waited(OfName meters, String outcome, Duration waited) {
		timer(LockMeters.WAIT, meters.tags.and(LockTag.OUTCOME.asString(), outcome)).record(waited);
	}

	private OfName of(LockRequest request) {
		OfName known = this.ofNames.get(request.name());
		return (known != null) ? known : this.ofNames.computeIfAbsent(request.name(), this::register);
	}

	private OfName register(String name) {
		OfName meters = new OfName(this.backend.and(LockTag.NAME.asString(), name));
		gauge(LockMeters.WAITING, meters.waiting, meters.tags);
		gauge(LockMeters.HELD, meters.held, meters.tags);
		counter(LockMeters.LOST, meters.tags);
		return meters;
	}

	private Timer timer(LockMeters meter, Tags tags) {
		return Timer.builder(meter.getName()).description(meter.getDescription()).tags(tags).register(this.registry);
	}

	private Counter counter(LockMeters meter, Tags tags) {
		return Counter.builder(meter.getName())
			.description(meter.getDescription())
			.baseUnit(meter.getBaseUnit())
			.tags(tags)
			.register(this.registry);
	}

	private void gauge(LockMeters meter, AtomicInteger value, Tags tags) {
		Gauge.builder(meter.getName(), value, AtomicInteger::get)
			.description(meter.getDescription())
			.baseUnit(meter.getBaseUnit())
			.tags(tags)
			.strongReference(true)
			.register(this.registry);
	}

	private static String tagValue(Enum<?> outcome) {
		return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	private static final class OfName {

		private final Tags tags;

		private final AtomicInteger waiting = new AtomicInteger();

		private final AtomicInteger held = new AtomicInteger();

		OfName(Tags tags) {
			this.tags = tags;
		}

	}

}
