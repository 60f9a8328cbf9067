package org.crossprocesslock.lease;

import java.time.Duration;

import org.crossprocesslock.LockListener;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LeaseOptionsTests {

	private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE);

	private final LeaseOptions defaults = LeaseOptions.defaults();

	@Test
	void aRenewIntervalThatCannotBeMultipliedIsRefusedLikeAnyOther() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.defaults.withLease(Duration.ofSeconds(10), LONGEST))
			.withMessageContaining(LONGEST.toString())
			.withMessageContaining("PT10S");
	}

	@Test
	void aThirdOfTheLeaseDurationIsTheLongestRenewInterval() {
		Duration lease = Duration.ofSeconds(10).plusNanos(1);
		Duration third = Duration.ofNanos(3_333_333_333L);
		this.defaults.withLease(lease, third);
		assertThatIllegalArgumentException().isThrownBy(() -> this.defaults.withLease(lease, third.plusNanos(1)));
	}

	@Test
	void anAnswerLimitThatCannotBeDoubledIsRefusedLikeAnyOther() {
		SimulatedStore store = new SimulatedStore(() -> 0, LONGEST);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LeaseLockManager(store, this.defaults, "label", new LockListener() {
			}))
			.withMessageContaining(LONGEST.toString());
	}

}
