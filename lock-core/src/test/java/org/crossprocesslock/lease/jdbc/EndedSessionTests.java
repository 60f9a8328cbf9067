package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import static org.assertj.core.api.Assertions.assertThat;

class EndedSessionTests {

	private static SQLException said(String state, String function) {
		return new PSQLException(
				new ServerErrorMessage("SFATAL\0C" + state + "\0Mthe connection is terminated\0R" + function + "\0"));
	}

	@ParameterizedTest
	@CsvSource({ "57P01, ProcessInterrupts, true", "57P05, ProcessInterrupts, true",
			// a trigger, or a proxy that takes the words of the server
			"57P01, exec_stmt_raise, false", "57P05, proxy, false",
			// the statement only, not the session
			"57014, ProcessInterrupts, false", "57P02, quickdie, false" })
	void onlyTheServerItselfEndsASession(String state, String function, boolean ended) {
		SQLException error = said(state, function);
		assertThat(EndedSession.isSaidBy(error)).isEqualTo(ended);
		assertThat(EndedSession.isSaidBy(new SQLException("a pool", "08003", error))).isEqualTo(ended);
	}

	@Test
	void theStateAloneSaysNothing() {
		assertThat(EndedSession.isSaidBy(new SQLException("the connection is terminated", "57P01"))).isFalse();
	}

}
