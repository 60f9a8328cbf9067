package org.crossprocesslock;

import java.math.BigInteger;
import java.time.Duration;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Durations of every sign and length, those at limits often. */
public final class DurationArbitraries {

	private DurationArbitraries() {
	}

	/**
	 * Any duration there is.
	 * @return durations
	 */
	public static Arbitrary<Duration> anything() {
		Arbitrary<Long> seconds = Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(-2, 100_000),
				Arbitraries.of(Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE / 3, Long.MAX_VALUE / 3 + 1,
						Long.MAX_VALUE / 1_000_000_000, Long.MAX_VALUE / 4_000_000_000L));
		Arbitrary<Integer> nanos = Arbitraries.oneOf(Arbitraries.integers().between(0, 999_999_999),
				Arbitraries.of(0, 1, 999, 1000, 999_999, 999_999_999));
		return Arbitraries.oneOf(Combinators.combine(seconds, nanos).as(Duration::ofSeconds), usual());
	}

	/**
	 * Durations that somebody may well configure.
	 * @return durations from a nanosecond to two days
	 */
	public static Arbitrary<Duration> usual() {
		return Arbitraries.oneOf(Arbitraries.longs().between(1, 2 * 24 * 3600).map(Duration::ofSeconds),
				Arbitraries.longs().between(1, 20_000).map(Duration::ofMillis),
				Arbitraries.longs().between(1, 5_000).map(Duration::ofNanos),
				Arbitraries.of(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofDays(1)));
	}

	/**
	 * The length without any limit.
	 * @param duration a duration
	 * @return its nanoseconds
	 */
	public static BigInteger nanos(Duration duration) {
		return BigInteger.valueOf(duration.getSeconds())
			.multiply(BigInteger.valueOf(1_000_000_000))
			.add(BigInteger.valueOf(duration.getNano()));
	}

}
