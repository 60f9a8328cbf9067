package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TimeSourceTests {

	@Test
	void aDurationIsCountedInNanoseconds() {
		assertThat(TimeSource.nanos(Duration.ZERO)).isZero();
		assertThat(TimeSource.nanos(Duration.ofSeconds(3, 7))).isEqualTo(3_000_000_007L);
		assertThat(TimeSource.nanos(Duration.ofDays(365 * 70))).isEqualTo(Duration.ofDays(365 * 70).toNanos());
	}

	@Test
	void aDurationTooLongToCountIsForEver() {
		for (Duration huge : new Duration[] { Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
				Duration.ofNanos(Long.MAX_VALUE), Duration.ofNanos(TimeSource.FOREVER_NANOS),
				Duration.ofSeconds(TimeSource.FOREVER_NANOS / 1_000_000_000) }) {
			assertThat(TimeSource.nanos(huge)).isEqualTo(TimeSource.FOREVER_NANOS);
		}
	}

	@Test
	void aTimeTooLongAgoToCountIsForEverToo() {
		assertThat(TimeSource.nanos(Duration.ofSeconds(-3, 7))).isEqualTo(-2_999_999_993L);
		assertThat(TimeSource.nanos(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(-TimeSource.FOREVER_NANOS);
	}

	@Test
	void sumsAndDifferencesOfInstantsDoNotOverflow() {
		long now = TimeSource.SYSTEM.nanos();
		assertThat(now + TimeSource.FOREVER_NANOS - now).isEqualTo(TimeSource.FOREVER_NANOS);
		assertThat(Math.addExact(TimeSource.FOREVER_NANOS, TimeSource.FOREVER_NANOS)).isPositive();
	}

	@Test
	void anInterruptIsKeptWhileSomethingIsWaitedFor() {
		Thread.currentThread().interrupt();
		assertThat(TimeSource.SYSTEM.await(new CountDownLatch(1), Duration.ofMillis(1))).isFalse();
		assertThat(Thread.interrupted()).isTrue();
	}

}
