package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.jdbc.ConnectionSource.Supplied;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the store, in use by one statement at a time. An own one is kept, a
 * borrowed one goes back after each call.
 */
final class StoreConnection {

	private static final SafeLog logger = new SafeLog(StoreConnection.class);

	/** How often a statement is tried that made way for another transaction. */
	static final int ATTEMPTS = 6;

	static final int SIGN_OF_LIFE_SECONDS = 1;

	private static final Duration CLOSE_WAIT = Duration.ofMillis(200);

	private final StoreConnections all;

	private final LeaseStatements statements;

	private final TimeSource time;

	/** Fair, so that a call comes next after whatever else uses the connection. */
	private final ReentrantLock lock = new ReentrantLock(true);

	private volatile @Nullable Connection connection;

	private volatile boolean inCall;

	/** When the call began that is under way, or the last use ended. */
	private volatile long since;

	private volatile boolean dropped;

	/** When the database was last heard of on it. */
	private long aliveNanos;

	/** How many connections of the store had broken when this one was last seen alive. */
	private int broken;

	StoreConnection(StoreConnections all, LeaseStatements statements, TimeSource time) {
		this.all = all;
		this.statements = statements;
		this.time = time;
		this.since = time.nanos();
	}

	/** Runs the work on a connection, within the time of the call. */
	<T> T run(TimedCall call, Work<T> work) throws SQLException {
		try {
			call.enter(this.lock);
		}
		catch (SQLTimeoutException ex) {
			// whoever uses it between two calls hangs
			this.all.giveUp(this);
			abort();
			throw ex;
		}
		try {
			this.since = this.time.nanos();
			this.inCall = true;
			call.usedBy(this::use);
			Session session = new Session(take(call), call);
			End end = End.SPOILT;
			try {
				T result = work.run(session);
				end = End.USABLE;
				this.aliveNanos = this.time.nanos();
				return result;
			}
			catch (SQLException ex) {
				end = end(this.statements.meaning(ex));
				throw ex;
			}
			finally {
				session.giveBack(end);
			}
		}
		finally {
			this.since = this.time.nanos();
			this.inCall = false;
			this.lock.unlock();
		}
	}

	/** So that it can be broken in whatever is done with it. */
	private void use(Connection used) {
		this.connection = used;
		if (this.dropped) {
			abort();
		}
	}

	private static End end(ErrorMeaning meaning) {
		if (meaning.leavesConnectionUsable()) {
			return End.USABLE;
		}
		return (meaning == ErrorMeaning.STALE_SESSION) ? End.SPOILT : End.FAILED;
	}

	private Supplied take(TimedCall call) throws SQLException {
		Connection kept = this.connection;
		if (kept != null && !isAlive(kept)) {
			// nothing was sent on it, so the statement has a fresh one
			forget(kept);
			kept = null;
		}
		if (kept != null) {
			return new Supplied(kept, true, () -> {
			});
		}
		this.broken = this.all.broken();
		Supplied supplied = null;
		try {
			supplied = supply(call);
		}
		finally {
			this.connection = (supplied != null) ? supplied.connection() : null;
		}
		this.aliveNanos = this.time.nanos();
		if (this.dropped) {
			giveBack(supplied, End.FAILED);
			throw call.outOfTime();
		}
		return supplied;
	}

	/** A pool may have several whose sessions were ended; each is thrown away. */
	private Supplied supply(TimedCall call) throws SQLException {
		while (true) {
			try {
				return this.all.source().take(call);
			}
			catch (SQLException ex) {
				if (!this.statements.isEndOfSession(ex) || !call.hasTime()) {
					throw ex;
				}
			}
		}
	}

	/** Where one has broken others may have. */
	private boolean isAlive(Connection kept) {
		try {
			if (kept.isClosed()) {
				return false;
			}
			int broken = this.all.broken();
			boolean trusted = broken == this.broken
					&& this.time.nanos() - this.aliveNanos < this.all.trust(this).toNanos();
			this.broken = broken;
			return trusted || kept.isValid(SIGN_OF_LIFE_SECONDS);
		}
		catch (Throwable ex) {
			// also an error of an old driver, which each call would meet again
			logger.debug("A connection that cannot say whether it is alive is replaced", ex);
			return false;
		}
	}

	private void giveBack(Supplied supplied, End end) {
		if (!supplied.own()) {
			try {
				this.all.source().giveBack(supplied, end != End.SPOILT);
			}
			finally {
				// not before: the pool may hang as well
				this.connection = null;
			}
		}
		else if (end != End.USABLE || this.dropped) {
			this.all.hasBroken();
			forget(supplied.connection());
		}
	}

	private void forget(Connection kept) {
		this.connection = null;
		Closing.closeInTime(List.of(kept));
	}

	/**
	 * Uses the own connection between two calls.
	 * @return whether there is one that could be had in that time
	 * @throws SQLException if it failed; the connection is given up then
	 */
	boolean beside(Duration wait, Use use) throws SQLException, InterruptedException {
		if (!this.lock.tryLock(wait.toNanos(), TimeUnit.NANOSECONDS)) {
			return false;
		}
		try {
			Connection kept = this.connection;
			if (kept == null || this.dropped) {
				return false;
			}
			End end = End.FAILED;
			try {
				use.on(kept);
				end = End.USABLE;
				this.aliveNanos = this.time.nanos();
			}
			finally {
				giveBack(new Supplied(kept, true, () -> {
				}), end);
			}
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Whether that is its connection. */
	boolean has(Connection kept) {
		return this.connection == kept;
	}

	boolean isInCall() {
		return this.inCall;
	}

	/** Whether a call is under way that should have been over by now. */
	boolean isOverdue(Duration limit) {
		return this.inCall && this.time.nanos() - this.since > limit.toNanos();
	}

	boolean isIdleFor(Duration limit) {
		return !this.inCall && this.time.nanos() - this.since > limit.toNanos();
	}

	boolean isDropped() {
		return this.dropped;
	}

	/**
	 * Gives it up. A call that is under way has its connection broken, so that it comes
	 * back if the driver can do that; it waits for none.
	 */
	void drop() {
		this.dropped = true;
		if (this.inCall) {
			abort();
		}
	}

	private void abort() {
		Connection used = this.connection;
		if (used != null) {
			Closing.abortAside(used);
		}
	}

	/**
	 * Hands over the connection of one that was dropped. Whoever goes on using it closes
	 * it, for which it is broken.
	 */
	Optional<Connection> surrender() {
		if (!isFreeSoon()) {
			if (!this.inCall) {
				abort();
			}
			return Optional.empty();
		}
		try {
			Optional<Connection> kept = Optional.ofNullable(this.connection);
			this.connection = null;
			return kept;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Takes the lock. An interrupt is kept for later. */
	private boolean isFreeSoon() {
		boolean interrupted = Thread.interrupted();
		long until = TimeSource.SYSTEM.nanos() + CLOSE_WAIT.toNanos();
		try {
			while (true) {
				try {
					return this.lock.tryLock(until - TimeSource.SYSTEM.nanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** How the use of a connection has ended. */
	private enum End {

		/** It is as it was. */
		USABLE,

		/** With an error of the database, which a pool knows as well. */
		FAILED,

		/**
		 * With something that a pool does not know: what nobody knows the consequences
		 * of, or that the session is of no use any more.
		 */
		SPOILT

	}

	/** One or several statements. */
	interface Work<T> {

		T run(Session session) throws SQLException;

	}

	/** One transaction. */
	interface Transaction<T> {

		T run(Connection connection) throws SQLException;

	}

	/** Something that is done between calls. */
	interface Use {

		void on(Connection connection) throws SQLException;

	}

	/** A connection for the length of a call. */
	final class Session {

		private @Nullable Supplied supplied;

		private final TimedCall call;

		private boolean replaced;

		private @Nullable SQLException ended;

		private Session(Supplied supplied, TimedCall call) {
			this.supplied = supplied;
			this.call = call;
		}

		/**
		 * Runs the transaction, and again if it made way for another one, or on a fresh
		 * connection if this one is of no use and nothing was done, or if the database
		 * has ended its session.
		 * <p>
		 * What a transaction did whose session was {@link #ended} may have happened: it
		 * must be one that leads to the same if it is run again, or the caller finds out
		 * from the answer. If it cannot be run again the end of the session is what is
		 * thrown.
		 * </p>
		 * @throws SQLException if it fails, or there is no time left to begin it
		 */
		<T> T run(Transaction<T> transaction) throws SQLException {
			this.ended = null;
			for (int attempt = 1;; attempt++) {
				try {
					requireTime();
					return transaction.run(connection());
				}
				catch (SQLException ex) {
					recover(ex, attempt);
				}
			}
		}

		private void recover(SQLException ex, int attempt) throws SQLException {
			ErrorMeaning meaning = StoreConnection.this.statements.meaning(ex);
			if (StoreConnection.this.statements.isEndOfSession(ex)) {
				// the pool may have several of these
				this.ended = (this.ended != null) ? this.ended : ex;
				replace(ex);
			}
			else if (meaning == ErrorMeaning.STALE_SESSION && !this.replaced) {
				this.replaced = true;
				replace(ex);
			}
			else if (meaning == ErrorMeaning.MADE_WAY && attempt < ATTEMPTS) {
				pause(attempt);
			}
			else {
				throw failure(ex);
			}
		}

		private SQLException failure(SQLException last) {
			SQLException first = this.ended;
			if (first == null || first == last) {
				return last;
			}
			first.addSuppressed(last);
			return first;
		}

		/**
		 * The end of the session in which the transaction that was run last was run
		 * first, if it has been run again since.
		 */
		@Nullable SQLException ended() {
			return this.ended;
		}

		void pause(int attempt) {
			this.call.pause(attempt);
		}

		private Connection connection() {
			return Objects.requireNonNull(this.supplied).connection();
		}

		private void replace(SQLException failure) throws SQLException {
			giveBack(End.SPOILT);
			try {
				this.supplied = take(this.call);
			}
			catch (SQLException ex) {
				SQLException thrown = failure(failure);
				thrown.addSuppressed(ex);
				throw thrown;
			}
		}

		private void giveBack(End end) {
			Supplied given = this.supplied;
			this.supplied = null;
			if (given != null) {
				StoreConnection.this.giveBack(given, end);
			}
		}

		private void requireTime() throws SQLException {
			if (!hasTime()) {
				throw outOfTime();
			}
		}

		boolean hasTime() {
			return this.call.hasTime() && !StoreConnection.this.dropped;
		}

		SQLException outOfTime() {
			return this.call.outOfTime();
		}

	}

}
