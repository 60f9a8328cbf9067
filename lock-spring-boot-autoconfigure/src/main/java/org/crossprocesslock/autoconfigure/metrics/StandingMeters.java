package org.crossprocesslock.autoconfigure.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import io.micrometer.core.instrument.Meter;
import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.autoconfigure.LockNames;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The meters of what is not told but can be asked, and those of names that are known
 * before there is a request. Registered once all singletons are there, since a manager
 * may be made with the listener that feeds the other meters. Removed with the context,
 * since the registry may be of another one that goes on.
 */
final class StandingMeters implements SmartInitializingSingleton, DisposableBean {

	private final MeterFactory meters;

	private final MicrometerLockListener listener;

	private final ObjectProvider<LockManager> manager;

	private final ObjectProvider<LockNames> names;

	private final ObjectProvider<TransactionFencing> fencing;

	// not those that another context with the same registry had registered before
	private List<Meter> own = List.of();

	StandingMeters(MeterFactory meters, MicrometerLockListener listener, ObjectProvider<LockManager> manager,
			ObjectProvider<LockNames> names, ObjectProvider<TransactionFencing> fencing) {
		this.meters = meters;
		this.listener = listener;
		this.manager = manager;
		this.names = names;
		this.fencing = fencing;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.names.orderedStream().forEach((known) -> known.lockNames().forEach(this.listener::expect));
		Set<Meter> before = Set.copyOf(this.meters.registry().getMeters());
		List<Meter> registered = new ArrayList<>();
		this.fencing.ifUnique((checks) -> registered.addAll(registerChecks(checks)));
		Optional.ofNullable(this.manager.getIfUnique())
			// a mock may answer nothing at all
			.map(LockManager::inspection)
			.flatMap((told) -> told)
			.ifPresent((inspection) -> registered.addAll(registerStatus(inspection)));
		registered.removeIf(before::contains);
		this.own = List.copyOf(registered);
	}

	@Override
	public void destroy() {
		this.own.forEach((meter) -> {
			var unused = this.meters.registry().remove(meter);
		});
	}

	private List<Meter> registerChecks(TransactionFencing fencing) {
		return Arrays.stream(TransactionFencing.Check.values())
			.<Meter>map((outcome) -> this.meters.outcome(outcome)
				.counter(LockMeters.COMMITS, fencing, (checks) -> checks.count(outcome)))
			.toList();
	}

	private List<Meter> registerStatus(LockInspection inspection) {
		List<Meter> registered = new ArrayList<>();
		registered.add(this.meters.gauge(LockMeters.OPEN, inspection, (now) -> flag(isOpen(status(now).status()))));
		if (status(inspection).lease() != null) {
			registered.addAll(registerLease(inspection));
		}
		return registered;
	}

	private List<Meter> registerLease(LockInspection inspection) {
		return List.of(
				this.meters.timeGauge(LockMeters.LEASE_DURATION, inspection, (now) -> time(now, LeaseReport::duration)),
				this.meters.timeGauge(LockMeters.RENEWAL_AGE, inspection, (now) -> time(now, LeaseReport::renewedAgo)),
				this.meters.gauge(LockMeters.LISTENING, inspection, (now) -> flag(now, LeaseReport::listening)),
				// a store that is not asked that borrows nothing
				this.meters.gauge(LockMeters.OWN_CONNECTIONS, inspection,
						(now) -> flag(now, (lease) -> !Boolean.FALSE.equals(lease.ownConnections()))));
	}

	/** Of one that was not asked yet nothing is known to be wrong. */
	private static boolean isOpen(LockReport.Status status) {
		return status == LockReport.Status.OPEN || status == LockReport.Status.NOT_OPENED;
	}

	private static LockReport status(LockInspection inspection) {
		return inspection.report(0);
	}

	private static @Nullable Duration time(LockInspection inspection, Function<LeaseReport, @Nullable Duration> time) {
		LeaseReport lease = status(inspection).lease();
		return (lease != null) ? time.apply(lease) : null;
	}

	private static double flag(LockInspection inspection, Predicate<LeaseReport> holds) {
		LeaseReport lease = status(inspection).lease();
		return flag(lease != null && holds.test(lease));
	}

	private static double flag(boolean holds) {
		return holds ? 1 : 0;
	}

}
