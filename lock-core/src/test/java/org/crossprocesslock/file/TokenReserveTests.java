package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.crossprocesslock.BrokenLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class TokenReserveTests {

	private final Path path;

	private final TokenFile file;

	TokenReserveTests(@TempDir Path base) throws IOException {
		this.path = Files.createTempDirectory(base, "tokens").resolve("TOKEN");
		this.file = new TokenFile(this.path);
	}

	@Test
	void noTokenIsHandedOutThatIsNotReserved() throws IOException {
		TokenReserve reserve = TokenReserve.open(this.file, 5);
		long reserved = this.file.read();
		long last = handOutAll(reserve, 0);
		assertThat(last).isLessThanOrEqualTo(reserved);
		reserve.extend();
		assertThat(handOutAll(reserve, last)).isGreaterThan(reserved).isLessThanOrEqualTo(this.file.read());
	}

	@Test
	void aReserveThatCannotBeExtendedSaysWhyAndRecovers() throws IOException {
		TokenReserve reserve = TokenReserve.open(this.file, 5);
		long last = handOutAll(reserve, 0);
		Files.delete(this.path);
		Files.createDirectory(this.path);
		try (BrokenLog log = new BrokenLog(TokenReserve.class)) {
			assertThatIllegalStateException().isThrownBy(reserve::extend).withMessage("the log is broken");
			assertThat(log.asked()).containsExactly("WARN");
		}
		assertThat(reserve.next()).isEqualTo(TokenReserve.NONE);
		assertThat(reserve.failure()).hasMessageContaining(this.path.toString());
		Files.delete(this.path);
		reserve.extend();
		assertThat(reserve.next()).isGreaterThan(last);
	}

	@Test
	void theHighestNumberIsNeverPassed() throws IOException {
		this.file.write(Long.MAX_VALUE - 7);
		TokenReserve reserve = TokenReserve.open(this.file, 5);
		handOutAll(reserve, Long.MAX_VALUE - 7);
		reserve.extend();
		assertThat(reserve.next()).isEqualTo(TokenReserve.NONE);
		assertThat(reserve.failure()).hasMessageContaining("No fencing token follows")
			.hasMessageContaining(this.path.toString());
	}

	@Test
	void theNextOneGoesOnAboveWhatACrashedOneHadReserved() throws IOException {
		TokenReserve crashed = TokenReserve.open(this.file);
		long last = crashed.next();
		assertThat(last).isPositive();
		long reserved = this.file.read();
		assertThat(TokenReserve.open(this.file).next()).isGreaterThan(reserved);
	}

	@Test
	void aCleanCloseGivesTheRestBack() throws IOException {
		TokenReserve closed = TokenReserve.open(this.file);
		long last = closed.next();
		assertThat(closed.close()).isEqualTo(last).isEqualTo(this.file.read());
		closed.extend();
		assertThat(this.file.read()).isEqualTo(last);
	}

	@Test
	void anAbandonedReserveWritesNothing() throws IOException {
		TokenReserve lost = TokenReserve.open(this.file, 5);
		assertThat(lost.abandon()).isEqualTo(this.file.read());
		this.file.write(Long.MAX_VALUE / 2);
		handOutAll(lost, 0);
		lost.extend();
		assertThat(this.file.read()).isEqualTo(Long.MAX_VALUE / 2);
	}

	private static long handOutAll(TokenReserve reserve, long before) {
		long last = before;
		for (long token = reserve.next(); token != TokenReserve.NONE; token = reserve.next()) {
			assertThat(token).isGreaterThan(last);
			last = token;
		}
		assertThat(last).isGreaterThan(before);
		return last;
	}

}
