package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Objects;

import org.crossprocesslock.LockMode;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/** A request that waits for its key, as the machine sees it. */
final class Waiter {

	private final String key;

	private final LockMode mode;

	private final long waitNanos;

	private final Duration keep;

	private final @Nullable LockAttempt attempt;

	/** Number of the first acquire of the key that counts as this waiter's attempt. */
	long firstAttempt;

	/** Its time is over; it only waits for the end of its attempt. */
	boolean expired;

	Waiter(LockAttempt attempt) {
		this(attempt.request().key(), attempt.request().mode(), TimeSource.nanos(attempt.request().waitTime()),
				attempt.request().holdAtLeast(), attempt);
	}

	Waiter(String key, LockMode mode, long waitNanos, @Nullable LockAttempt attempt) {
		this(key, mode, waitNanos, Duration.ZERO, attempt);
	}

	Waiter(String key, LockMode mode, long waitNanos, Duration keep, @Nullable LockAttempt attempt) {
		this.key = key;
		this.mode = mode;
		this.waitNanos = waitNanos;
		this.keep = keep;
		this.attempt = attempt;
		this.expired = waitNanos == 0;
	}

	String key() {
		return this.key;
	}

	LockMode mode() {
		return this.mode;
	}

	boolean isShared() {
		return this.mode == LockMode.SHARED_IN_PROCESS;
	}

	long waitNanos() {
		return this.waitNanos;
	}

	/** For how long its grant is to keep the key; zero for not at all. */
	Duration keep() {
		return this.keep;
	}

	/** Only a grant of its own will do, with what it writes into the row. */
	boolean keeps() {
		return !this.keep.isZero();
	}

	boolean waitsForEver() {
		return this.waitNanos >= TimeSource.FOREVER_NANOS;
	}

	/** The request; absent where there is no shell. */
	@Nullable LockAttempt attempt() {
		return this.attempt;
	}

	/** The request that is told how it ended. */
	LockAttempt told() {
		return Objects.requireNonNull(this.attempt);
	}

}
