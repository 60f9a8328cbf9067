package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.crossprocesslock.lease.LeaseOptions;

/**
 * Turns properties into lease options, one group after the other, so that a refusal can
 * name the properties it is about.
 */
final class LeaseOptionsFactory {

	private LeaseOptionsFactory() {
	}

	/**
	 * The options that the properties describe.
	 * @throws InvalidLockPropertiesException if values are not allowed
	 */
	static LeaseOptions create(LockJdbcProperties properties) {
		LockJdbcProperties.Lease lease = properties.getLease();
		LockJdbcProperties.Backoff backoff = properties.getBackoff();
		LeaseOptions withLease = checked(() -> lease(lease), "jdbc.lease.duration", "jdbc.lease.renew-interval");
		LeaseOptions withBackoff = checked(
				() -> withLease.withBackoff(backoff.getInitialInterval(), backoff.getMaxInterval()),
				"jdbc.backoff.initial-interval", "jdbc.backoff.max-interval");
		LeaseOptions withPurge = checked(() -> withBackoff.withPurgeAge(properties.getPurgeAge()), "jdbc.purge-age",
				"jdbc.lease.duration");
		LeaseOptions withLinger = checked(() -> withPurge.withLinger(properties.getLinger()), "jdbc.linger",
				"jdbc.lease.duration");
		return checked(() -> withLinger.withHolderName(lease.getHolderName()), "jdbc.lease.holder-name");
	}

	/**
	 * Names the properties in whatever is thrown about their values.
	 * @throws InvalidLockPropertiesException if the values are not allowed
	 */
	static <T> T checked(Supplier<T> use, String... properties) {
		try {
			return use.get();
		}
		catch (IllegalArgumentException ex) {
			List<String> names = Stream.of(properties).map((name) -> LockProperties.PREFIX + "." + name).toList();
			throw new InvalidLockPropertiesException(names, ex);
		}
	}

	private static LeaseOptions lease(LockJdbcProperties.Lease lease) {
		Duration renewInterval = lease.getRenewInterval();
		LeaseOptions defaults = LeaseOptions.defaults();
		return (renewInterval != null) ? defaults.withLease(lease.getDuration(), renewInterval)
				: defaults.withLeaseDuration(lease.getDuration());
	}

}
