package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import org.crossprocesslock.engine.Backoff;

/** Why own connections are not used, and for how long they are not tried again. */
final class ConnectionRefusal {

	/** SQLState of a connection that does not reach the tables that the pool's do. */
	static final String OTHER_TABLES = "XPLOT";

	/** The pause after a reason that lasts. */
	static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

	/** The same after a reason that may pass, and was met the first time. */
	static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

	/** Refusals that may pass are not worth a word before the second one. */
	private static final int WORTH_TELLING = 2;

	private static final String LACK_OF_RIGHTS = "42501";

	private static final String NO_SUCH_DATABASE = "3D000";

	private static final Set<String> VERDICTS = Set.of(LACK_OF_RIGHTS, NO_SUCH_DATABASE, OTHER_TABLES);

	private static final String CLASS_OF_REFUSED_LOGINS = "28";

	private final SQLException failure;

	private final int times;

	/** When they are tried again. */
	private volatile long nextTrialNanos;

	/**
	 * A refusal after which they may be tried again at once.
	 * @param times how many there have been in a row, this one included
	 */
	ConnectionRefusal(SQLException failure, int times) {
		this.failure = failure;
		this.times = times;
	}

	SQLException failure() {
		return this.failure;
	}

	/** What the next one is, if it fails again. */
	ConnectionRefusal again(SQLException failure) {
		return new ConnectionRefusal(failure, this.times + 1);
	}

	void pause(long nowNanos) {
		this.nextTrialNanos = nowNanos + pauseNanos();
	}

	private long pauseNanos() {
		if (isWatched()) {
			return FIRST_PAUSE.toNanos();
		}
		return isVerdict() ? LONGEST_PAUSE.toNanos() : Backoff.pause(FIRST_PAUSE, LONGEST_PAUSE, this.times - 1);
	}

	/** The trial has said nothing about it. */
	void pauseShortly(long nowNanos) {
		this.nextTrialNanos = nowNanos + FIRST_PAUSE.toNanos();
	}

	boolean isOver(long nowNanos) {
		return nowNanos - this.nextTrialNanos >= 0;
	}

	boolean isWorthTelling() {
		return isVerdict() || this.times >= WORTH_TELLING;
	}

	/** Whether there is nothing to hope for within seconds. */
	boolean isVerdict() {
		return states().anyMatch(VERDICTS::contains) || isRefusedLogin();
	}

	/**
	 * Whether it was a login that whoever connects does not repeat before there are other
	 * credentials, which may be soon.
	 */
	private boolean isWatched() {
		return isRefusedLogin() && this.failure instanceof SQLTransientConnectionException;
	}

	private boolean isRefusedLogin() {
		return states().anyMatch((state) -> state.startsWith(CLASS_OF_REFUSED_LOGINS));
	}

	/** Also of what somebody has put another error around. */
	private Stream<String> states() {
		return ErrorMeaning.causes(this.failure)
			.stream()
			.map((cause) -> (cause instanceof SQLException ex) ? ex.getSQLState() : null)
			.filter(Objects::nonNull);
	}

}
