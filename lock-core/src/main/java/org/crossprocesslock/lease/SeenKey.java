package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Objects;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt has found in the store.
 *
 * @param look what that is
 * @param atNanos when this process heard of it
 */
record SeenKey(KeyLook look, long atNanos) {

	/** So that it has run out when the store is asked again. */
	private static final long AFTER_ITS_END_NANOS = Duration.ofMillis(1).toNanos();

	/** Whether the row carries the same grant there. */
	boolean isOf(KeyLook other) {
		return this.look.token() == other.token() && Objects.equals(this.look.leaseId(), other.leaseId());
	}

	/** The process that has it. */
	@Nullable String holder() {
		LeaseLook lease = this.look.lease();
		return (lease != null) ? lease.holder() : null;
	}

	/** For how long nobody can get it although nobody has it; zero if it is not kept. */
	long keptNanos(Instants now) {
		Duration kept = (this.look.lease() == null) ? this.look.kept() : null;
		return (kept != null) ? Math.max(0, this.atNanos + kept.toNanos() - now.nanos()) : 0;
	}

	/** The pause, but not past the moment at which the lease runs out that has it. */
	long notPast(long pauseNanos, Instants now) {
		LeaseLook lease = this.look.lease();
		if (lease == null) {
			return pauseNanos;
		}
		long left = this.atNanos + TimeSource.nanos(lease.remaining()) - now.nanos();
		return (left >= 0) ? Math.min(pauseNanos, left + AFTER_ITS_END_NANOS) : pauseNanos;
	}

}
