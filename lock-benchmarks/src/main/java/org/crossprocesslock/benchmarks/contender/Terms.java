package org.crossprocesslock.benchmarks.contender;

import java.io.Serializable;
import java.time.Duration;

/**
 * What those have to be told that do not decide it themselves.
 *
 * @param lease how long a key stays with a process that does not renew
 * @param renewed whether keys are held for longer than that
 * @param poll pause between two attempts of the other libraries
 */
public record Terms(Duration lease, boolean renewed, Duration poll) implements Serializable {

	/** The shortest that ShedLock renews by itself. */
	public static final Duration LEASE = Duration.ofSeconds(30);

	/** The default of Spring Integration; ShedLock has no waiting call. */
	public static final Duration POLL = Duration.ofMillis(100);

	/** For keys that are released soon. */
	public static Terms brief(Duration poll) {
		return new Terms(LEASE, false, poll);
	}

	/** For keys that are held for long, and renewed. */
	public Terms withRenewal() {
		return new Terms(this.lease, true, this.poll);
	}

	/** For keys that are held, without a renewal, until nobody is interested. */
	public Terms withLease(Duration lease) {
		return new Terms(lease, this.renewed, this.poll);
	}

}
