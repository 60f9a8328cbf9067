package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Objects;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.HeldKey.State;
import org.crossprocesslock.KeyReport;
import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.WaitedKey;
import org.crossprocesslock.engine.LocalInspection;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link LeaseLockManager} tells. Reads under the lock of the shell, as many keys
 * as asked for and no more: all its threads wait for that lock.
 */
final class LeaseInspection implements LockInspection {

	private final LeaseLockManager manager;

	private final LeaseStore store;

	/** What was last read of a machine, for the moment in which there is none. */
	private volatile @Nullable LeaseReport lastLease;

	LeaseInspection(LeaseLockManager manager, LeaseStore store) {
		this.manager = manager;
		this.store = store;
	}

	@Override
	public LockReport report(int limit) {
		LocalInspection.checkLimit(limit);
		MachineShell shell = this.manager.shellIfBegun();
		if (shell == null) {
			return this.manager.reportUnopened();
		}
		Boolean ownConnections = this.store.hasOwnConnections().orElse(null);
		return shell.read((machine, holds, requests, now) -> {
			if (machine == null) {
				return new LockReport(Status.LOST, Duration.ZERO, Deliveries.ENGINE_FAILED, this.lastLease,
						holds.size(), requests, List.of(), List.of());
			}
			LeaseKeeper keeper = machine.lease();
			LeaseReport lease = keeper.report(machine.keys().isListening(), ownConnections, now);
			this.lastLease = lease;
			return new LockReport(keeper.status(now), keeper.statusFor(now), keeper.problem(now), lease, holds.size(),
					requests, held(machine, holds, limit, now), waiting(machine, limit));
		});
	}

	@Override
	public boolean release(String key, long token) {
		MachineShell shell = this.manager.shellIfBegun();
		return shell != null && shell.takeAway(key, token);
	}

	@Override
	public Optional<StoreInspection> store() {
		return this.store.inspection();
	}

	private static List<HeldKey> held(LeaseMachine machine, Set<Holding> holds, int limit, Instants now) {
		List<HeldKey> held = new ArrayList<>(Math.min(limit, holds.size()));
		holds.stream().limit(limit).map(LeaseInspection::held).forEach(held::add);
		for (Key key : machine.keys().lingering(limit - held.size())) {
			if (key.guards.grant != null) {
				held.add(key.guards.grant.report(now));
			}
		}
		return held;
	}

	private static HeldKey held(Holding hold) {
		State state = hold.isInCommit() ? State.IN_COMMIT : State.HELD;
		return hold.told().report(state);
	}

	private static List<WaitedKey> waiting(LeaseMachine machine, int limit) {
		return machine.keys().waitedFor(limit).stream().map(Key::waited).filter(Objects::nonNull).toList();
	}

	@Override
	public KeyReport report(String key) {
		Predicate<Holding> ofKey = (hold) -> hold.grant().key.name.equals(key);
		MachineShell shell = this.manager.shellIfBegun();
		if (shell == null) {
			return new KeyReport(key, List.of(), null);
		}
		return shell.read((machine, holds, requests, now) -> {
			List<HeldKey> held = new ArrayList<>(holds.stream().filter(ofKey).map(LeaseInspection::held).toList());
			Key known = (machine != null) ? machine.keys().find(key) : null;
			Grant grant = (known != null) ? known.guards.grant : null;
			if (grant != null && grant.isIdle()) {
				held.add(grant.report(now));
			}
			return new KeyReport(key, held, (known != null) ? known.waited() : null);
		});
	}

}
