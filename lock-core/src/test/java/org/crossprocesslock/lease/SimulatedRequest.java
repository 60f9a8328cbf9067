package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Objects;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.SimulatedEngine;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/** What somebody has asked for, and what has become of it. */
final class SimulatedRequest {

	final String key;

	final boolean shared;

	final long waitNanos;

	/** Whether its grant keeps the key for a time. */
	final boolean keeps;

	/** By the clock of the host. */
	final long sinceNanos;

	/** How many transactions had committed under the key by then. */
	final long commitsBefore;

	final LockAttempt attempt;

	/** What the machine has granted. */
	@Nullable Holding hold;

	/** What its user has got. */
	@Nullable LockGuard guard;

	/** The user knows the end. */
	boolean received;

	/** For how long its end is known to all but its user. */
	Duration untold = Duration.ZERO;

	/** How often its user was told that the guard is lost. */
	int lossesTold;

	/** For how long the guard is lost without that. */
	Duration lossUntold = Duration.ZERO;

	/** For how long its close has been going on. */
	Duration closing = Duration.ZERO;

	SimulatedRequest(SimulatedProcess process, String key, boolean shared, long waitNanos, Duration keep, int kind,
			long sinceNanos, long commitsBefore) {
		this.key = key;
		this.shared = shared;
		this.waitNanos = waitNanos;
		this.keeps = !keep.isZero();
		this.sinceNanos = sinceNanos;
		this.commitsBefore = commitsBefore;
		LockRequest request = LockRequest.of(key, Duration.ofNanos(waitNanos))
			.withMode(shared ? LockMode.SHARED_IN_PROCESS : LockMode.EXCLUSIVE);
		request = this.keeps ? request.holdingAtLeast(keep) : request;
		LeaseLockManager manager = process.manager();
		this.attempt = (kind == 0) ? SimulatedEngine.async(manager, request)
				: SimulatedEngine.blocking(manager, request, kind == 1);
	}

	boolean waitsForEver() {
		return this.waitNanos >= TimeSource.FOREVER_NANOS;
	}

	Holding hold() {
		return Objects.requireNonNull(this.hold);
	}

	LockGuard guard() {
		return Objects.requireNonNull(this.guard);
	}

}
