package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.crossprocesslock.lease.LeaseOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Property values of every length: each bad relation is refused in words that name its
 * values and its properties.
 */
class LockPropertiesFuzzTests {

	private static final Duration DAY = Duration.ofDays(1);

	private record Broken(List<Duration> values, List<String> properties) {

		boolean isNamedBy(String message) {
			return this.values.stream().map(Duration::toString).allMatch(message::contains) && this.properties.stream()
				.map((name) -> LockProperties.PREFIX + "." + name)
				.allMatch(message::contains);
		}

	}

	@Provide
	Arbitrary<Duration> durations() {
		Arbitrary<Duration> usual = Arbitraries.oneOf(
				Arbitraries.longs().between(1, 2 * 24 * 3600).map(Duration::ofSeconds),
				Arbitraries.longs().between(1, 20_000).map(Duration::ofMillis));
		Arbitrary<Duration> any = Combinators
			.combine(Arbitraries.longs(), Arbitraries.integers().between(0, 999_999_999))
			.as(Duration::ofSeconds);
		return Arbitraries.oneOf(usual, usual, any,
				Arbitraries.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofNanos(-1), Duration.ofSeconds(10), DAY,
						DAY.plusNanos(1), Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE)));
	}

	@Property(tries = 3000)
	void aBadRelationIsNamedWithItsValuesAndItsProperties(@ForAll("durations") Duration lease,
			@ForAll("durations") Duration renewInterval, @ForAll("durations") Duration initial,
			@ForAll("durations") Duration max, @ForAll("durations") Duration purgeAge,
			@ForAll("durations") Duration linger) {
		check(lease, renewInterval, initial, max, purgeAge, linger);
		// one group at a time, so that none hides the others
		Duration third = lease.dividedBy(3);
		Duration milli = Duration.ofMillis(1);
		check(lease, third, initial, max, lease, lease);
		check(lease, third, milli, milli, purgeAge, Duration.ZERO);
		check(lease, third, milli, milli, lease, linger);
		check(Duration.ofSeconds(10), renewInterval, milli, milli, DAY, Duration.ofSeconds(10));
	}

	@Property(tries = 500)
	void theRenewIntervalFollowsTheLeaseDuration(@ForAll("durations") Duration lease) {
		LockJdbcProperties properties = new LockJdbcProperties();
		properties.getLease().setDuration(lease);
		if (lease.compareTo(Duration.ofSeconds(1)) >= 0 && lease.compareTo(DAY) <= 0) {
			assertThat(LeaseOptionsFactory.create(properties))
				.isEqualTo(LeaseOptions.defaults().withLeaseDuration(lease));
		}
		else {
			assertThatExceptionOfType(InvalidLockPropertiesException.class)
				.isThrownBy(() -> LeaseOptionsFactory.create(properties))
				.withMessageContaining(lease.toString())
				.withMessageContaining("cross-process-lock.jdbc.lease.duration");
		}
	}

	private static void check(Duration lease, Duration renewInterval, Duration initial, Duration max, Duration purgeAge,
			Duration linger) {
		LockJdbcProperties properties = new LockJdbcProperties();
		properties.getLease().setDuration(lease);
		properties.getLease().setRenewInterval(renewInterval);
		properties.getBackoff().setInitialInterval(initial);
		properties.getBackoff().setMaxInterval(max);
		properties.setPurgeAge(purgeAge);
		properties.setLinger(linger);
		List<Broken> broken = broken(lease, renewInterval, initial, max, purgeAge, linger);
		if (broken.isEmpty()) {
			assertThat(LeaseOptionsFactory.create(properties))
				.isEqualTo(new LeaseOptions(lease, renewInterval, null, initial, max, purgeAge, linger));
		}
		else {
			assertThatExceptionOfType(InvalidLockPropertiesException.class)
				.isThrownBy(() -> LeaseOptionsFactory.create(properties))
				.satisfies((ex) -> assertThat(broken).as("one of the relations that '%s' is about", ex.getMessage())
					.anyMatch((relation) -> relation.isNamedBy(String.valueOf(ex.getMessage()))));
		}
	}

	private static List<Broken> broken(Duration lease, Duration renewInterval, Duration initial, Duration max,
			Duration purgeAge, Duration linger) {
		List<Broken> broken = new ArrayList<>();
		if (lease.compareTo(Duration.ofSeconds(1)) < 0 || lease.compareTo(DAY) > 0) {
			broken.add(new Broken(List.of(lease), List.of("jdbc.lease.duration")));
		}
		if (!isPositive(renewInterval) || renewInterval.compareTo(lease.dividedBy(3)) > 0) {
			broken.add(new Broken(List.of(renewInterval, lease),
					List.of("jdbc.lease.renew-interval", "jdbc.lease.duration")));
		}
		if (!isPositive(initial) || initial.compareTo(max) > 0) {
			broken.add(new Broken(List.of(initial, max),
					List.of("jdbc.backoff.initial-interval", "jdbc.backoff.max-interval")));
		}
		if (max.compareTo(DAY) > 0) {
			broken.add(new Broken(List.of(max), List.of("jdbc.backoff.max-interval")));
		}
		if (purgeAge.compareTo(lease) < 0) {
			broken.add(new Broken(List.of(purgeAge, lease), List.of("jdbc.purge-age", "jdbc.lease.duration")));
		}
		if (linger.isNegative() || linger.compareTo(lease) > 0) {
			broken.add(new Broken(List.of(linger, lease), List.of("jdbc.linger", "jdbc.lease.duration")));
		}
		return broken;
	}

	private static boolean isPositive(Duration duration) {
		return !duration.isZero() && !duration.isNegative();
	}

}
