package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.crossprocesslock.Holder;
import org.crossprocesslock.HoldersReport;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.StoreReport;
import org.crossprocesslock.StoredKey;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.jspecify.annotations.Nullable;

/**
 * What the tables show to people. On threads and connections of its own, so that nobody
 * who looks waits longer than he is told, and nobody who works waits for one who looks.
 */
final class JdbcStoreInspection implements StoreInspection {

	static final int LONGEST_PAGE = 10_000;

	private static final int THREADS = 2;

	private static final int MOST_WAITING = 8;

	private final JdbcLeaseStore store;

	private final LeaseStatements statements;

	private final InspectionStatements inspection;

	private final Duration limit;

	private final ThreadPoolExecutor threads = new ThreadPoolExecutor(THREADS, THREADS, 5, TimeUnit.SECONDS,
			new LinkedBlockingQueue<>(MOST_WAITING), EngineThreads.named("cross-process-lock-inspection"));

	JdbcStoreInspection(JdbcLeaseStore store, LeaseStatements statements, Duration limit) {
		this.store = store;
		this.statements = statements;
		this.inspection = new InspectionStatements(statements);
		this.limit = limit;
		this.threads.allowCoreThreadTimeOut(true);
	}

	@Override
	public StoreReport look(String key) {
		Looked looked = inTime("read key '" + key + "'", () -> this.store.lookAside(List.of(key)));
		return new StoreReport(instant(looked.clock()),
				looked.keys().stream().map(InspectionStatements::stored).toList(), false);
	}

	@Override
	public StoreReport keys(@Nullable String after, int limit) {
		return page("list the keys", after, limit, (session, start) -> {
			long clock = session.run(this.statements::now);
			List<StoredKey> keys = session.run((connection) -> this.inspection.keys(connection, start, limit + 1));
			return new StoreReport(instant(clock), first(keys, limit), keys.size() > limit);
		});
	}

	@Override
	public HoldersReport holders(@Nullable String after, int limit) {
		return page("list the leases", after, limit, (session, start) -> {
			long clock = session.run(this.statements::now);
			List<Holder> holders = session.run((connection) -> this.inspection.holders(connection, start, limit + 1));
			return new HoldersReport(instant(clock), first(holders, limit), holders.size() > limit);
		});
	}

	private <T> T page(String attempt, @Nullable String after, int limit, Page<T> page) {
		if (limit < 1 || limit > LONGEST_PAGE) {
			throw new IllegalArgumentException("Limit " + limit + " is not between 1 and " + LONGEST_PAGE);
		}
		String start = (after != null) ? after : "";
		return inTime(attempt, () -> this.store.aside(() -> attempt, (session) -> page.read(session, start)));
	}

	private static <T> List<T> first(List<T> found, int limit) {
		return List.copyOf(found.subList(0, Math.min(limit, found.size())));
	}

	@Override
	public boolean endLease(String key, long token) {
		String attempt = "end the lease that holds key '" + key + "'";
		return inTime(attempt, () -> this.store.aside(() -> attempt,
				(session) -> session.run((connection) -> this.inspection.endHolder(connection, key, token))));
	}

	@Override
	public boolean endKeeping(String key, long token) {
		String attempt = "free key '" + key + "'";
		return inTime(attempt, () -> this.store.aside(() -> attempt,
				(session) -> session.run((connection) -> this.inspection.endKeeping(connection, key, token))));
	}

	private <T> T inTime(String attempt, Callable<T> call) {
		Future<T> answer;
		try {
			answer = this.threads.submit(call);
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			throw failure(attempt, "too many such calls are under way", ex);
		}
		boolean interrupted = false;
		try {
			long until = TimeSource.SYSTEM.nanos() + this.limit.toNanos();
			while (true) {
				try {
					return answer.get(until - TimeSource.SYSTEM.nanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (TimeoutException ex) {
			answer.cancel(false);
			throw failure(attempt, "the database did not answer within " + this.limit, ex);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof LockStoreException store) {
				throw new LockStoreException(String.valueOf(store.getMessage()), store, store.isPermanent());
			}
			throw failure(attempt, String.valueOf(ex.getCause()), ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private static LockStoreException failure(String attempt, String reason, Throwable cause) {
		return new LockStoreException("Could not " + attempt + ": " + reason, cause, false);
	}

	private static Instant instant(long micros) {
		return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
	}

	/** Reads a page that begins after something. */
	private interface Page<T> {

		T read(StoreConnection.Session session, String after) throws SQLException;

	}

}
