package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.NoticeReceiver;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for what is told to one lease, on a connection and a thread of its own. A proxy
 * that shares sessions between clients swallows notifications, so each connection must
 * first hear one that was sent through another.
 */
final class PostgresListener implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(PostgresListener.class);

	private static final String TRIAL = "trial";

	private static final Duration TRIAL_LIMIT = Duration.ofSeconds(2);

	/** A connection that was silent for longer is asked for a sign of life. */
	private static final Duration TRUSTED = Duration.ofSeconds(5);

	private static final int SIGN_OF_LIFE_SECONDS = 1;

	private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

	private final DataSource unpooled;

	private final String leaseId;

	private final NoticeReceiver receiver;

	private final AtomicBoolean deafnessSaid;

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile @Nullable Connection connection;

	/**
	 * Starts to listen.
	 * @param deafnessSaid shared by the listeners of a store, so that it is said once
	 */
	PostgresListener(DataSource unpooled, String leaseId, NoticeReceiver receiver, AtomicBoolean deafnessSaid) {
		this.unpooled = unpooled;
		this.leaseId = leaseId;
		this.receiver = receiver;
		this.deafnessSaid = deafnessSaid;
		EngineThreads.daemon("cross-process-lock-listener", this::run).start();
	}

	/** Where those who tell the lease something send it; a name that needs quotes. */
	static String channel(String leaseId) {
		return "cross_process_lock_" + leaseId;
	}

	private void run() {
		int failures = 0;
		while (!isClosed()) {
			try (Connection opened = this.unpooled.getConnection()) {
				this.connection = opened;
				if (!isClosed() && listen(opened)) {
					failures = 0;
					this.receiver.listening(true);
					receive(opened);
				}
				else {
					return;
				}
			}
			catch (SQLException | RuntimeException ex) {
				if (!isClosed()) {
					logger.debug("The connection that listens for other processes failed; it is opened again", ex);
				}
			}
			finally {
				this.receiver.listening(false);
			}
			pause(failures++);
		}
	}

	/** Answers whether what is sent through another connection arrives here. */
	private boolean listen(Connection listening) throws SQLException {
		listening.setAutoCommit(true);
		try (Statement statement = listening.createStatement()) {
			statement.execute("listen \"" + channel(this.leaseId) + "\"");
		}
		try (Connection another = this.unpooled.getConnection();
				PreparedStatement statement = another.prepareStatement("select pg_notify(?, ?)")) {
			another.setAutoCommit(true);
			statement.setString(1, channel(this.leaseId));
			statement.setString(2, TRIAL);
			statement.execute();
		}
		PGConnection driver = listening.unwrap(PGConnection.class);
		long deadline = TimeSource.SYSTEM.nanos() + TRIAL_LIMIT.toNanos();
		while (true) {
			long left = TimeUnit.NANOSECONDS.toMillis(deadline - TimeSource.SYSTEM.nanos());
			if (left <= 0 || isClosed()) {
				break;
			}
			for (PGNotification heard : driver.getNotifications((int) left)) {
				if (TRIAL.equals(heard.getParameter())) {
					return true;
				}
			}
		}
		if (!isClosed() && this.deafnessSaid.compareAndSet(false, true)) {
			logger.warn("Notifications of the database do not arrive, probably because of a connection proxy that "
					+ "shares sessions. Waiting for a key that another process has is slower: cross-process locks "
					+ "look at it now and then");
		}
		return false;
	}

	private void receive(Connection listening) throws SQLException {
		PGConnection driver = listening.unwrap(PGConnection.class);
		while (!isClosed()) {
			PGNotification[] heard = driver.getNotifications((int) TRUSTED.toMillis());
			if (heard.length == 0 && !listening.isValid(SIGN_OF_LIFE_SECONDS)) {
				throw new SQLException("no sign of life");
			}
			for (PGNotification each : heard) {
				Notice notice = NoticeText.read(this.leaseId, each.getParameter());
				if (notice != null) {
					this.receiver.receive(notice);
				}
			}
		}
	}

	private void pause(int failures) {
		try {
			boolean unused = this.closed.await(Backoff.pause(FIRST_PAUSE, LONGEST_PAUSE, failures),
					TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			// nobody but the close ends this thread
			logger.debug("The thread that listens for other processes was interrupted", ex);
		}
	}

	private boolean isClosed() {
		return this.closed.getCount() == 0;
	}

	/** Does not wait. */
	@Override
	public void close() {
		this.closed.countDown();
		Connection listening = this.connection;
		if (listening != null) {
			try {
				listening.abort(Runnable::run);
			}
			catch (SQLException ex) {
				logger.debug("Aborting a connection failed", ex);
			}
		}
	}

}
