package org.crossprocesslock;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LockRequestTests {

	@Test
	void aRequestIsExclusiveAndUnnamedUnlessItSaysOtherwise() {
		LockRequest request = LockRequest.of("key", Duration.ofSeconds(1));
		assertThat(request).isEqualTo(
				new LockRequest("key", LockMode.EXCLUSIVE, Duration.ofSeconds(1), LockRequest.UNNAMED, Duration.ZERO));
		LockRequest changed = request.withMode(LockMode.SHARED_IN_PROCESS).withName("import");
		assertThat(changed).isEqualTo(
				new LockRequest("key", LockMode.SHARED_IN_PROCESS, Duration.ofSeconds(1), "import", Duration.ZERO));
	}

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.KeyVectors#bad")
	void aBadKeyIsNamedWithTheRule(String bad, String shown) {
		assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.of(bad, Duration.ZERO))
			.withMessageStartingWith("Key '" + shown + "' (" + bad.length() + " characters) is not allowed: ")
			.withMessageEndingWith(KeyContract.RULE);
	}

	@Test
	void everyCharacterOutsideTheRuleIsRefused() {
		String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
		for (char c = 0; c < 0x1000; c++) {
			String key = "a" + c + "b";
			if (allowed.indexOf(c) >= 0) {
				assertThat(LockRequest.of(key, Duration.ZERO).key()).isEqualTo(key);
			}
			else {
				assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.of(key, Duration.ZERO));
			}
		}
	}

	@Test
	void aNegativeWaitTimeIsNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.of("key", Duration.ofSeconds(-3)))
			.withMessage("Wait time PT-3S for key 'key' is negative; use zero for a single attempt");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\t" })
	void aBlankNameIsRefused(String name) {
		LockRequest request = LockRequest.of("key", Duration.ZERO);
		assertThatIllegalArgumentException().isThrownBy(() -> request.withName(name)).withMessageContaining("'key'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "PT-1S", "PT24H1S" })
	void timeToHoldAtLeastIsFromZeroToADay(Duration time) {
		LockRequest request = LockRequest.of("key", Duration.ZERO);
		assertThatIllegalArgumentException().isThrownBy(() -> request.holdingAtLeast(time))
			.withMessageContainingAll("'key'", time.toString(), "PT24H");
	}

	@Test
	void whatIsSharedCannotBeHeldAtLeast() {
		LockRequest shared = LockRequest.of("key", Duration.ZERO).withMode(LockMode.SHARED_IN_PROCESS);
		assertThatIllegalArgumentException().isThrownBy(() -> shared.holdingAtLeast(Duration.ofSeconds(1)))
			.withMessageContainingAll("'key'", "EXCLUSIVE");
		assertThat(shared.holdingAtLeast(Duration.ZERO)).isEqualTo(shared);
		LockRequest held = LockRequest.of("key", Duration.ZERO).holdingAtLeast(LockRequest.LONGEST_HOLD_AT_LEAST);
		assertThatIllegalArgumentException().isThrownBy(() -> held.withMode(LockMode.SHARED_IN_PROCESS));
		assertThat(held.withName("job").holdAtLeast()).isEqualTo(LockRequest.LONGEST_HOLD_AT_LEAST);
	}

}
