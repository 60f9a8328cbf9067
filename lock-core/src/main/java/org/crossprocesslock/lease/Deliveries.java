package org.crossprocesslock.lease;

import java.util.List;
import java.util.stream.Collectors;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.RepeatedFault;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what a machine has said to those whom it concerns, on the thread that has made it
 * say so and outside of any lock. What is told to one is no concern of the next: nothing
 * that one of them throws keeps another waiting. Safe from any thread.
 */
class Deliveries {

	private static final Logger logger = LoggerFactory.getLogger(Deliveries.class);

	private static final int GUARDS_SHOWN = 20;

	private static final String ADVICE = "Others may work under these keys from now on: what was done under a lost key "
			+ "must be treated as done without a lock, unless a fenced commit covered it. Look for long pauses of this "
			+ "process (garbage collection, suspension, no CPU) and for a slow or unreachable database";

	static final String ENGINE_FAILED = "the lease engine of this process failed";

	private final RepeatedFault engineFailures = new RepeatedFault();

	private final RepeatedFault timeFailures = new RepeatedFault();

	private final RepeatedFault deliveryFailures = new RepeatedFault();

	/** Delivers what one event has brought about. */
	void deliver(List<Effect> effects, MachineShell shell) {
		effects.forEach((effect) -> guarded(() -> deliver(effect, shell)));
	}

	private static void deliver(Effect effect, MachineShell shell) {
		if (effect instanceof Effect.Granted granted) {
			granted.waiter().told().deliver(granted.hold().told());
		}
		else if (effect instanceof Effect.Busy busy) {
			busy.waiter().told().busy(busy.holder(), busy.kept());
		}
		else if (effect instanceof Effect.Failed failed) {
			failed.waiter().told().failed(failed.failure());
		}
		else if (effect instanceof Effect.Rejected rejected) {
			rejected.waiter().told().failed(AttemptingLockManager.closedException());
		}
		else if (effect instanceof Effect.Released released) {
			released.hold().released().complete(null);
		}
		else if (effect instanceof Effect.LeaseOpened opened) {
			shell.listen();
			logger.info("Lease {} is open", opened.leaseId());
		}
		else if (effect instanceof Effect.Renewed) {
			// if that has failed before
			shell.listen();
		}
		else if (effect instanceof Effect.LeaseLost lost) {
			logLoss(lost.leaseId(), lost.reason(), lost.guards(), shell.isStopping());
		}
		else if (effect instanceof Effect.Stopped) {
			shell.stopped().countDown();
		}
	}

	/** Ends what hung on a machine that has thrown. */
	void deliverFailure(Throwable failure, @Nullable String leaseId, List<Holding> lost, List<LockAttempt> failed,
			boolean stopping) {
		report(this.engineFailures, "The lease engine failed and is replaced", failure);
		guarded(() -> logLoss(String.valueOf(leaseId), ENGINE_FAILED, lost, stopping));
		for (Holding hold : lost) {
			hold.lose(ENGINE_FAILED);
			guarded(() -> hold.told().lose(ENGINE_FAILED));
			guarded(() -> hold.released().complete(null));
		}
		failed.forEach((attempt) -> guarded(() -> failed(attempt)));
	}

	/** Ends a request that no machine can take. */
	static void failed(LockAttempt attempt) {
		attempt.failed(new LockStoreException(ENGINE_FAILED, new IllegalStateException("see the log"), false));
	}

	/** A transaction has found that somebody else has the row. */
	void deliverTaken(Holding hold, String reason) {
		guarded(() -> logger.warn("Key '{}' (fencing token {}) is lost: {}. {}", hold.grant().key.name, hold.token(),
				reason, ADVICE));
		// also where the machine had given it up before
		guarded(() -> hold.told().lose(reason));
	}

	/** Says in the log that time stands still for the moment. */
	void timeNotPassed(Throwable failure) {
		report(this.timeFailures, "The time could not pass for the lease engine", failure);
	}

	void report(RepeatedFault fault, String what, Throwable failure) {
		fault.happened(logger, what, failure);
	}

	private void guarded(Runnable delivery) {
		try {
			delivery.run();
		}
		catch (Throwable ex) {
			report(this.deliveryFailures, "What the lease engine had to say could not be delivered", ex);
		}
	}

	private static void logLoss(String leaseId, String reason, List<Holding> guards, boolean stopping) {
		if (stopping) {
			logger.info("Lease {} is given up, with {} open guards", leaseId, guards.size());
		}
		else if (guards.isEmpty()) {
			logger.warn("Lease {} is lost: {}. No key was held. A new lease is being opened", leaseId, reason);
		}
		else {
			logger.warn("Lease {} is lost: {}. Lost with it: {}. A new lease is being opened. {}", leaseId, reason,
					named(guards), ADVICE);
		}
	}

	private static String named(List<Holding> guards) {
		String shown = guards.stream()
			.limit(GUARDS_SHOWN)
			.map((hold) -> "'" + hold.grant().key.name + "' (fencing token " + hold.token() + ")")
			.collect(Collectors.joining(", "));
		int more = guards.size() - GUARDS_SHOWN;
		return shown + ((more > 0) ? " and " + more + " more" : "");
	}

}
