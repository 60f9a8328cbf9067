package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionRefusalTests {

	// clocks may be anywhere
	private static final long NOW = Long.MAX_VALUE - 1;

	private static final long FIRST = ConnectionRefusal.FIRST_PAUSE.toNanos();

	private static final long LONGEST = ConnectionRefusal.LONGEST_PAUSE.toNanos();

	private static ConnectionRefusal refusal(@Nullable String state) {
		return paused(new ConnectionRefusal(new SQLException("refused", state), 1));
	}

	private static ConnectionRefusal paused(ConnectionRefusal refusal) {
		refusal.pause(NOW);
		return refusal;
	}

	private static void assertPause(ConnectionRefusal refusal, long nanos) {
		assertThat(refusal.isOver(NOW + nanos - 1)).isFalse();
		assertThat(refusal.isOver(NOW + nanos)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "42501", "3D000", ConnectionRefusal.OTHER_TABLES, "28P01", "28000" })
	void whatLastsIsToldAtOnceAndTriedAgainAfterTheLongestPause(String state) {
		ConnectionRefusal refusal = refusal(state);
		assertThat(refusal.isVerdict()).isTrue();
		assertThat(refusal.isWorthTelling()).isTrue();
		assertPause(refusal, LONGEST);
	}

	@Test
	void whatLastsIsFoundBehindWhateverWasPutAroundIt() {
		SQLException password = new SQLException("password authentication failed", "28P01");
		for (SQLException around : new SQLException[] { new SQLException("no connection", null, password),
				new SQLException("no connection", "08001", new IllegalStateException(password)) }) {
			ConnectionRefusal refusal = paused(new ConnectionRefusal(around, 1));
			assertThat(refusal.isVerdict()).isTrue();
			assertPause(refusal, LONGEST);
		}
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "08001", "53300", "57P03" })
	void whatMayPassIsToldTheSecondTimeAndTriedAgainSoon(@Nullable String state) {
		ConnectionRefusal refusal = refusal(state);
		assertThat(refusal.isVerdict()).isFalse();
		assertThat(refusal.isWorthTelling()).isFalse();
		assertPause(refusal, FIRST);
		assertThat(refusal.again(refusal.failure()).isWorthTelling()).isTrue();
	}

	@Test
	void pausesGrowUpToTheLongest() {
		ConnectionRefusal refusal = refusal("08001");
		for (int times = 2; times < 20; times++) {
			refusal = paused(refusal.again(new SQLException("refused again", "08001")));
		}
		assertThat(refusal.failure().getMessage()).isEqualTo("refused again");
		assertPause(refusal, LONGEST);
	}

	@Test
	void aLoginThatIsNotRepeatedWithTheSameCredentialsIsTriedAgainSoon() {
		assertPause(paused(new ConnectionRefusal(new SQLTransientConnectionException("refused", "28P01"), 3)), FIRST);
		assertPause(paused(new ConnectionRefusal(new SQLTransientConnectionException("refused", "42501"), 3)), LONGEST);
	}

	@Test
	void aTrialThatSaidNothingIsRepeatedSoon() {
		ConnectionRefusal refusal = refusal("42501");
		refusal.pauseShortly(NOW);
		assertPause(refusal, FIRST);
	}

}
