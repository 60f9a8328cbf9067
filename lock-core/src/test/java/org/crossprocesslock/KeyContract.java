package org.crossprocesslock;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Which keys are taken. */
interface KeyContract extends ContractFixture {

	String RULE = "a key has 1 to 200 characters of A-Z, a-z, 0-9, '-', '_' and '.', "
			+ "and begins and ends with a letter or digit. LockKeys.of makes one of any text";

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.KeyVectors#bad")
	default void aBadKeyIsRefusedAndNeverBusy(String bad, String shown) {
		assertThatIllegalArgumentException().isThrownBy(() -> manager().tryLock(bad))
			.withMessage("Key '" + shown + "' (" + bad.length() + " characters) is not allowed: " + RULE);
		assertThatIllegalArgumentException().isThrownBy(() -> manager().lock(bad, Duration.ZERO))
			.withMessageContaining(RULE);
	}

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.KeyVectors#good")
	default void aGoodKeyIsTaken(String good) {
		try (LockGuard guard = manager().tryLock(good).orElseThrow()) {
			assertThat(guard.key()).isEqualTo(good);
		}
	}

}
