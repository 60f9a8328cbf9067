package org.crossprocesslock.autoconfigure.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;

/**
 * Turns what a manager does into {@link LockMeters meters}. All of them are there from
 * the start, with every outcome, since an alert on a counter that begins with its first
 * count misses that one; those of a name from when it is known. Looked up once, not with
 * each event. Safe from any thread.
 */
final class MicrometerLockListener implements LockListener {

	private final MeterFactory meters;

	private final Timer backoff;

	private final Map<Renewal, Counter> renewals = new EnumMap<>(Renewal.class);

	private final Counter leasesLost;

	private final Counter eventsDropped;

	private final Map<String, MetersOfName> ofNames = new ConcurrentHashMap<>();

	MicrometerLockListener(MeterFactory meters) {
		this.meters = meters;
		this.backoff = meters.timer(LockMeters.BACKOFF);
		for (Renewal renewal : Renewal.values()) {
			this.renewals.put(renewal, meters.outcome(renewal).counter(LockMeters.RENEWALS));
		}
		this.leasesLost = meters.counter(LockMeters.LEASES_LOST);
		this.eventsDropped = meters.counter(LockMeters.EVENTS_DROPPED);
		expect(LockRequest.UNNAMED);
	}

	/** Has the meters of a name before there is a request with it. */
	void expect(String name) {
		var unused = of(name);
	}

	@Override
	public void onRequested(LockRequest request) {
		of(request.name()).requested(request);
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		of(request.name()).acquired(request, fencingToken, waited);
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		of(request.name()).refused(request, refusal, waited);
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		of(request.name()).lost();
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		of(request.name()).released(request, fencingToken, held);
	}

	@Override
	public void onBackoff(Duration pause) {
		this.backoff.record(pause);
	}

	@Override
	public void onRenewal(Renewal renewal) {
		Counter counter = this.renewals.get(renewal);
		if (counter != null) {
			counter.increment();
		}
	}

	@Override
	public void onLeaseLost(String reason) {
		this.leasesLost.increment();
	}

	@Override
	public void onDropped(long events) {
		this.eventsDropped.increment((double) events);
		this.ofNames.values().forEach(MetersOfName::missed);
	}

	private MetersOfName of(String name) {
		MetersOfName known = this.ofNames.get(name);
		return (known != null) ? known
				: this.ofNames.computeIfAbsent(name, (added) -> new MetersOfName(this.meters.name(added)));
	}

}
