package org.crossprocesslock.lease.jdbc;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class LimitsTests {

	@ParameterizedTest
	@ValueSource(strings = { "PT1S", "PT15S", "PT1H" })
	void eachIsShorterThanWhatWouldHaveToCleanUpAfterIt(String lease) {
		Duration duration = Duration.parse(lease);
		Limits limits = Limits.of(duration);
		assertThat(limits.insertWait()).isPositive().isLessThan(limits.lockWait());
		assertThat(limits.lockWait()).isLessThan(limits.statement());
		assertThat(limits.statement()).isLessThan(limits.answer());
		assertThat(limits.answer()).isLessThan(limits.call());
		assertThat(limits.sending()).isLessThan(limits.call());
		// or a renewal without an answer could not be repeated in time
		assertThat(limits.call()).isEqualTo(duration.dividedBy(2));
		assertThat(limits.commit()).isEqualTo(duration);
	}

	@Test
	void noticesHoldUpARenewalForASmallPartOfTheTime() {
		assertThat(Limits.of(Duration.ofSeconds(4)).notices()).isEqualTo(Duration.ofMillis(20));
		assertThat(Limits.of(Duration.ofSeconds(10)).notices()).isEqualTo(Duration.ofMillis(50));
		assertThat(Limits.of(Duration.ofHours(1)).notices()).isEqualTo(Duration.ofMillis(50));
	}

}
