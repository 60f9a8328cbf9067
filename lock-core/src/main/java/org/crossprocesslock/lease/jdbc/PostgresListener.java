package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.NoticeReceiver;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Listens for what is told to one lease, on the connection of the lease between its
 * renewals. A proxy that shares sessions between clients swallows notifications, so each
 * session must first hear one that was sent through another connection, and is tried
 * again for as long as it has not.
 */
final class PostgresListener implements AutoCloseable {

	private static final SafeLog logger = new SafeLog(PostgresListener.class);

	private static final String TRIAL = "trial ";

	/** Who has heard nothing by then is deaf, until a trial is heard. */
	private static final Duration TRIAL_LIMIT = Duration.ofSeconds(2);

	private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

	private final StoreConnections connections;

	private final Duration slice;

	private final String leaseId;

	private final NoticeReceiver receiver;

	private final AtomicBoolean deafnessSaid;

	private final CountDownLatch closed = new CountDownLatch(1);

	private final AtomicBoolean started = new AtomicBoolean();

	/** The session on which it listens, as a renewal in it says. */
	private volatile @Nullable String session;

	private volatile boolean sessionChanged;

	private @Nullable Connection connection;

	/** Passes on what arrives, which another driver than usual cannot. */
	private @Nullable PGConnection driver;

	/** Counts up whenever it begins to listen: a trial is about one session. */
	private int listenings;

	/** The listening for which a trial was sent. */
	private int tried;

	private boolean judged;

	private boolean hears;

	private int failures;

	private long trialAt;

	/**
	 * A listener that has yet to start.
	 * @param slice how long it waits at a time, and so may hold up a renewal
	 * @param deafnessSaid shared by the listeners of a store: whether the last word was
	 * that notifications do not arrive
	 */
	PostgresListener(StoreConnections connections, Duration slice, String leaseId, NoticeReceiver receiver,
			AtomicBoolean deafnessSaid) {
		this.connections = connections;
		this.slice = slice;
		this.leaseId = leaseId;
		this.receiver = receiver;
		this.deafnessSaid = deafnessSaid;
	}

	/** Where those who tell the lease something send it; a name that needs quotes. */
	static String channel(String leaseId) {
		return "cross_process_lock_" + leaseId;
	}

	/** Starts to listen, unless it has; where there is no thread for it, another time. */
	void start() {
		if (!isClosed() && this.started.compareAndSet(false, true)) {
			try {
				EngineThreads.daemon("cross-process-lock-listener", this::run).start();
			}
			catch (OutOfMemoryError ex) {
				this.started.set(false);
				logger.debug("No thread to listen for other processes on", ex);
			}
		}
	}

	/**
	 * A proxy may give another session to the same connection, which has not listened.
	 */
	void renewedIn(String session) {
		start();
		String listening = this.session;
		if (listening != null && !listening.equals(session)) {
			this.sessionChanged = true;
		}
	}

	private void run() {
		while (!isClosed()) {
			try {
				StoreConnection lease = this.connections.lease();
				if (!lease.beside(this.slice, this::poll)) {
					forgetUnless(lease);
					pause();
				}
				else if (!this.hears) {
					tryOut();
					if (this.driver == null) {
						pause();
					}
				}
			}
			catch (SQLException | LockStoreException ex) {
				logger.debug("The connection that listens for other processes failed; it is opened again", ex);
			}
			catch (InterruptedException | RuntimeException | Error ex) {
				// nobody but the close ends this thread
				logger.debug("Listening for other processes was disturbed", ex);
			}
		}
		deaf();
	}

	private void pause() throws InterruptedException {
		boolean unused = this.closed.await(this.slice.toNanos(), TimeUnit.NANOSECONDS);
	}

	private void forgetUnless(StoreConnection lease) {
		if (this.connection != null && !lease.has(this.connection)) {
			this.connection = null;
			deaf();
		}
	}

	private void poll(Connection listening) throws SQLException {
		if (isClosed()) {
			// what arrives is for the next one
			return;
		}
		if (listening != this.connection || this.sessionChanged) {
			deaf();
			listenIfAllowed(listening);
			return;
		}
		PGConnection driver = this.driver;
		if (driver == null) {
			return;
		}
		for (PGNotification each : driver.getNotifications(Math.max(1, (int) this.slice.toMillis()))) {
			// a proxy that shares sessions may bring what another client listens for
			if (each.getName().equals(channel(this.leaseId))) {
				hear(each.getParameter());
			}
		}
	}

	/** A refusal says nothing against the connection, which the lease needs. */
	private void listenIfAllowed(Connection listening) throws SQLException {
		try {
			listen(listening);
		}
		catch (Throwable ex) {
			// whatever a driver throws that cannot do it
			if (!listening.isValid(StoreConnection.SIGN_OF_LIFE_SECONDS)) {
				throw ex;
			}
			logger.debug("The database refuses to listen", ex);
			this.driver = null;
			judge(TimeSource.SYSTEM.nanos());
		}
	}

	private void listen(Connection listening) throws SQLException {
		this.connection = listening;
		this.driver = NamedStatements.shown(listening, PGConnection.class);
		this.sessionChanged = false;
		this.session = null;
		this.listenings++;
		this.judged = false;
		this.trialAt = TimeSource.SYSTEM.nanos();
		try (Statement statement = listening.createStatement()) {
			statement.execute("unlisten *; listen \"" + channel(this.leaseId) + "\"; select " + PostgresSql.SESSION);
			statement.getMoreResults();
			statement.getMoreResults();
			try (ResultSet row = Objects.requireNonNull(statement.getResultSet())) {
				row.next();
				this.session = row.getString(1);
			}
		}
	}

	/** Sends itself something through another connection, which must arrive in time. */
	private void tryOut() {
		long now = TimeSource.SYSTEM.nanos();
		if (now - this.trialAt < 0) {
			return;
		}
		if (this.judged) {
			// whatever is shared may have been given another session since
			this.connection = null;
			return;
		}
		if (this.tried != this.listenings) {
			this.tried = this.listenings;
			this.trialAt = now + TRIAL_LIMIT.toNanos();
			sendTrial();
		}
		else {
			judge(now);
		}
	}

	private void judge(long now) {
		this.judged = true;
		this.trialAt = now + Backoff.pause(TRIAL_LIMIT, LONGEST_PAUSE, this.failures++);
		sayDeaf();
	}

	private void sendTrial() {
		this.connections.forKeys(() -> "find out whether notifications arrive", channel(this.leaseId),
				(session) -> session.run((another) -> {
					try (PreparedStatement statement = NamedStatements.prepareUnnamed(another,
							"select pg_notify(?, ?)")) {
						statement.setString(1, channel(this.leaseId));
						statement.setString(2, TRIAL + this.listenings);
						return statement.execute();
					}
				}));
	}

	private void sayDeaf() {
		if (this.deafnessSaid.compareAndSet(false, true)) {
			logger.warn("Notifications of the database do not arrive, probably because of a connection proxy that "
					+ "shares sessions. Waiting for a key that another process has is slower: cross-process locks "
					+ "poll it, and check at least once a minute whether notifications arrive");
		}
	}

	private void hear(String text) {
		if (text.startsWith(TRIAL)) {
			if (!this.hears && text.equals(TRIAL + this.listenings)) {
				this.hears = true;
				this.failures = 0;
				if (this.deafnessSaid.compareAndSet(true, false)) {
					logger.info("Notifications of the database arrive again");
				}
				this.connections.listening(true);
				this.receiver.listening(true);
			}
			return;
		}
		Notice notice = NoticeText.read(this.leaseId, text);
		if (notice != null) {
			this.receiver.receive(notice);
		}
	}

	private void deaf() {
		if (this.hears) {
			this.hears = false;
			this.connections.listening(false);
			this.receiver.listening(false);
		}
	}

	private boolean isClosed() {
		return this.closed.getCount() == 0;
	}

	/** Does not wait. */
	@Override
	public void close() {
		this.closed.countDown();
	}

}
