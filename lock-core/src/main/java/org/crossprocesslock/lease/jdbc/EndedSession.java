package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a PostgreSQL server says when it ends a session by itself: an administrator wants
 * it, it shuts down or the session was idle for too long. It says so where it would wait
 * for the next statement or in the middle of one, never between the first and the last
 * step of a commit; so what the session was doing is committed and visible by then, or
 * never will be. It may still have rows locked for a moment.
 * <p>
 * The SQLState alone does not say so: a proxy in front of the server may use it while a
 * statement goes on behind it, and so may a trigger. Neither can name the function of the
 * server.
 * </p>
 */
final class EndedSession {

	// administrator or shutdown, idle session
	private static final Set<String> STATES = Set.of("57P01", "57P05");

	private static final String FUNCTION = "ProcessInterrupts";

	private EndedSession() {
	}

	/** Whether the error, or one that a pool has put its own around, says so. */
	static boolean isSaidBy(SQLException error) {
		for (Throwable cause : ErrorMeaning.causes(error)) {
			if (cause instanceof PSQLException ex && isEnd(ex.getServerErrorMessage())) {
				return true;
			}
		}
		return false;
	}

	private static boolean isEnd(@Nullable ServerErrorMessage message) {
		return message != null && STATES.contains(String.valueOf(message.getSQLState()))
				&& FUNCTION.equals(message.getRoutine());
	}

}
