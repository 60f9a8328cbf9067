package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTests {

	@Test
	void pausesDoubleUpToTheLongest() {
		Duration initial = Duration.ofMillis(10);
		Duration longest = Duration.ofMillis(100);
		assertThat(IntStream.of(0, 1, 2, 3, 4, 40, Integer.MAX_VALUE)
			.mapToObj((step) -> Duration.ofNanos(Backoff.pause(initial, longest, step)).toMillis()))
			.containsExactly(10L, 20L, 40L, 80L, 100L, 100L, 100L);
	}

	@Test
	void noneIsTooLongToCount() {
		Duration longest = Duration.ofNanos(Long.MAX_VALUE);
		long before = 0;
		for (int step = 0; step < 100; step++) {
			long pause = Backoff.pause(Duration.ofNanos(3), longest, step);
			assertThat(pause).isGreaterThanOrEqualTo(before).isPositive();
			before = pause;
		}
		assertThat(before).isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void aPauseIsShortenedByUpToAHalf() {
		assertThat(Backoff.jittered(100, drawing(0))).isEqualTo(100);
		assertThat(Backoff.jittered(100, drawing(1))).isEqualTo(50);
	}

	/** Draws the least or the greatest number. */
	private static RandomGenerator drawing(int greatest) {
		return new RandomGenerator() {

			@Override
			public long nextLong() {
				throw new UnsupportedOperationException();
			}

			@Override
			public long nextLong(long bound) {
				return greatest * (bound - 1);
			}

		};
	}

}
