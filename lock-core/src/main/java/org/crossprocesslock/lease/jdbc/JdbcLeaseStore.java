package org.crossprocesslock.lease.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.NoticeReceiver;
import org.jspecify.annotations.Nullable;

/**
 * Leases and locks in two tables of a relational database, for all processes that use the
 * same tables.
 * <p>
 * It never takes part in a transaction of its caller. With
 * {@linkplain Builder#ownConnections connections of its own} it opens them as they are
 * needed and keeps one for the methods that touch leases only, and for a minute after
 * their last use up to three for the others; otherwise it borrows one for each call, in
 * autocommit mode and at READ COMMITTED whatever the pool's defaults are, and returns it
 * as it came. An application that has used up its pool can then cost the lease.
 * </p>
 * <p>
 * Limits follow from the lease duration: a call sends its last statement within a quarter
 * of it, the database works on a statement for a fifth of it at most, and the client
 * waits for the answer for a quarter of it where the driver has such a timeout (that of
 * H2 has none). If a call takes longer nevertheless, its connection is aborted, so that
 * the call returns if the driver supports that; no other call waits for it.
 * </p>
 * <p>
 * Threads: as {@link LeaseStore} says.
 * </p>
 *
 * @since 0.1.0
 */
public final class JdbcLeaseStore implements LeaseStore {

	/** Prefix of the table names unless another is set. */
	public static final String DEFAULT_TABLE_PREFIX = "cross_process_";

	/** How waiters learn that a key is free unless another way is set. */
	public static final WakeUp DEFAULT_WAKE_UP = WakeUp.AUTO;

	private final DataSource dataSource;

	private final LeaseStatements statements;

	private final TableNames tables;

	private final DatabaseReach reach;

	private final Limits limits;

	private final ConnectionSource source;

	private final StoreConnections connections;

	private final StoreErrors errors;

	private final StoreInspection inspection;

	private final boolean listens;

	private final AtomicBoolean deafnessSaid = new AtomicBoolean();

	private final AtomicReference<@Nullable PostgresListener> listener = new AtomicReference<>();

	private volatile boolean closed;

	private JdbcLeaseStore(Builder builder) {
		this.dataSource = builder.dataSource;
		this.limits = Limits.of(builder.leaseDuration);
		FoundDatabase database = ((builder.database != null) ? builder.database
				: FoundDatabase.of(builder.dataSource, builder.tables, builder.platform))
			.withKeys();
		this.tables = database.tables();
		this.reach = database.reach();
		this.statements = database.statements(this.limits);
		this.listens = builder.unpooled != null && builder.wakeUp == WakeUp.AUTO && this.statements.notifies();
		this.errors = new StoreErrors(this.statements);
		this.source = new ConnectionSource(builder.dataSource, builder.unpooled, this.statements, this.limits,
				builder.time);
		this.connections = new StoreConnections(this.source, this.statements, this.limits, TimeSource.SYSTEM);
		this.inspection = new JdbcStoreInspection(this, this.statements, this.limits.call());
	}

	/**
	 * Who else can use the database, as it was found when the store was built.
	 * @return what locks in it exclude, and why
	 */
	public DatabaseReach reach() {
		return this.reach;
	}

	DataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Starts a store.
	 * @param dataSource the database; may be a pool
	 * @return a builder with every default
	 */
	public static Builder builder(DataSource dataSource) {
		return new Builder(dataSource);
	}

	@Override
	public Kept open(String leaseId, String holder, Duration duration) {
		this.source.label(holder);
		String label = holder.substring(0, Math.min(holder.length(), LeaseOptions.MAX_HOLDER_LENGTH));
		return this.connections.forLease(() -> "open lease " + leaseId, this.tables.lease(), (session) -> session
			.run((connection) -> this.statements.open(connection, leaseId, label, micros(duration))));
	}

	@Override
	public Optional<Kept> renew(String leaseId) {
		Optional<Kept> kept = this.connections.forLease(() -> "renew lease " + leaseId, this.tables.lease(),
				(session) -> session.run((connection) -> this.statements.renew(connection, leaseId)));
		PostgresListener listening = this.listener.get();
		if (listening != null) {
			kept.ifPresent((renewed) -> listening.renewedIn(renewed.session()));
		}
		return kept;
	}

	@Override
	public void end(String leaseId) {
		this.connections.forLease(() -> "end lease " + leaseId, this.tables.lease(),
				(session) -> session.run((connection) -> this.statements.end(connection, leaseId)));
	}

	@Override
	public int takeOver(String holder) {
		this.source.label(holder);
		return this.connections.forLease(() -> "take over the leases of '" + holder + "'", this.tables.lease(),
				(session) -> {
					int ended = 0;
					for (String leaseId : session.run((connection) -> this.statements.heldBy(connection, holder))) {
						ended += session.run((connection) -> this.statements.end(connection, leaseId)) ? 1 : 0;
					}
					return ended;
				});
	}

	@Override
	public List<AcquireResult> acquire(String leaseId, long notAfter, List<AcquireOrder> orders) {
		if (orders.isEmpty()) {
			return List.of();
		}
		return this.connections.forKeys(() -> "acquire " + keys(orders.size(), orders.get(0).key()), this.tables.lock(),
				(session) -> new BatchAcquire(this.statements, session, leaseId, notAfter,
						(order, ex) -> this.errors.ofKey(order.key(), ex))
					.run(orders));
	}

	@Override
	public Set<String> release(List<ReleaseOrder> orders, List<Notice> notices) {
		if (orders.isEmpty() && notices.isEmpty()) {
			return Set.of();
		}
		return this.connections.forKeys(() -> releasing(orders, notices), this.tables.lock(),
				(session) -> session.run((connection) -> this.statements.release(connection, orders, notices)));
	}

	private static String releasing(List<ReleaseOrder> orders, List<Notice> notices) {
		return orders.isEmpty() ? "notify other processes of key '" + notices.get(0).key() + "'"
				: "release " + keys(orders.size(), orders.get(0).key());
	}

	@Override
	public void listen(String leaseId, NoticeReceiver receiver) {
		PostgresListener next = this.listens
				? new PostgresListener(this.connections, this.limits.notices(), leaseId, receiver, this.deafnessSaid)
				: null;
		close(this.listener.getAndSet(next));
		if (this.closed) {
			close(this.listener.getAndSet(null));
		}
		else if (next != null) {
			next.start();
		}
	}

	private static void close(@Nullable PostgresListener listener) {
		if (listener != null) {
			listener.close();
		}
	}

	@Override
	public Looked look(List<String> keys) {
		if (keys.isEmpty()) {
			return new Looked(0, List.of());
		}
		return this.connections.forKeys(looking(keys), this.tables.both(), looks(keys));
	}

	@Override
	public Optional<StoreInspection> inspection() {
		return Optional.of(this.inspection);
	}

	<T> T aside(Supplier<String> attempt, StoreConnection.Work<T> work) {
		return this.connections.aside(attempt, this.tables.both(), work);
	}

	/** Looks from any thread, beside what is under way, on a connection for this call. */
	Looked lookAside(List<String> keys) {
		return this.connections.aside(looking(keys), this.tables.both(), looks(keys));
	}

	private static Supplier<String> looking(List<String> keys) {
		return () -> "poll " + keys(keys.size(), keys.get(0));
	}

	private StoreConnection.Work<Looked> looks(List<String> keys) {
		return (session) -> session.run((connection) -> this.statements.look(connection, keys));
	}

	@Override
	public boolean reap(String leaseId) {
		return this.connections.forKeys(() -> "reap expired lease " + leaseId, this.tables.lease(),
				(session) -> session.run((connection) -> this.statements.reap(connection, leaseId)));
	}

	@Override
	public boolean reapUnchanged(String leaseId, long counter) {
		return this.connections.forKeys(() -> "reap lease " + leaseId + " unchanged at renewal " + counter,
				this.tables.lease(),
				(session) -> session.run((connection) -> this.statements.reapUnchanged(connection, leaseId, counter)));
	}

	@Override
	public boolean purge(Duration age) {
		return this.connections.forKeys(() -> "purge rows unused for " + age, this.tables.both(), (session) -> {
			int locks = session.run((connection) -> this.statements.purgeLocks(connection, micros(age)));
			int leases = session.run((connection) -> this.statements.purgeLeases(connection, micros(age)));
			return Math.max(locks, leases) >= LeaseStatements.PURGE_ROWS;
		});
	}

	/**
	 * The fence for transactions in this database that work under guards from this store.
	 * @return a fence, which stays usable as long as the store is
	 */
	public CommitFence commitFence() {
		return new CommitFence(this, this.statements);
	}

	@Override
	public Optional<Boolean> hasOwnConnections() {
		return this.source.areOwn();
	}

	@Override
	public Duration answerLimit() {
		return this.limits.call();
	}

	@Override
	public void close() {
		this.closed = true;
		close(this.listener.getAndSet(null));
		this.connections.close();
	}

	private static String keys(int size, String first) {
		return (size == 1) ? "key '" + first + "'" : size + " keys from '" + first + "' on";
	}

	// of any length: what is longer than can be counted is for ever
	private static long micros(Duration duration) {
		return TimeUnit.NANOSECONDS.toMicros(TimeSource.nanos(duration));
	}

	/**
	 * Settings of a {@link JdbcLeaseStore}. Not thread-safe.
	 */
	public static final class Builder {

		private final DataSource dataSource;

		private @Nullable DataSource unpooled;

		private WakeUp wakeUp = DEFAULT_WAKE_UP;

		private TableNames tables = new TableNames(DEFAULT_TABLE_PREFIX);

		private @Nullable String platform;

		private @Nullable FoundDatabase database;

		private Duration leaseDuration = LeaseOptions.DEFAULT_LEASE_DURATION;

		private TimeSource time = TimeSource.SYSTEM;

		Builder(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		/** Measures the pauses before own connections are tried again. */
		Builder time(TimeSource time) {
			this.time = time;
			return this;
		}

		/**
		 * Keeps connections open for the store alone: one for the lease, and while keys
		 * are requested up to three more, each of which is closed when it was not used
		 * for a minute. The first one must find a row that was written through the other
		 * DataSource, so that both surely reach the same tables.
		 * <p>
		 * While the database refuses one although the other DataSource gives connections
		 * that work, or they do not reach the same tables, the store borrows. It logs
		 * that once, tries own ones again at least once a minute, and logs once when they
		 * work. A refused login is tried again after a minute; or every second, if the
		 * DataSource says by an {@link java.sql.SQLTransientConnectionException} that it
		 * may pass, because the DataSource itself does not repeat it with the same
		 * credentials.
		 * </p>
		 * @param unpooled opens connections to the same database outside any pool, or
		 * {@code null} to borrow one for each call. An attempt that takes too long is
		 * abandoned, but only the driver can end it: set what time limits it has for
		 * connecting
		 * @return this
		 */
		public Builder ownConnections(@Nullable DataSource unpooled) {
			this.unpooled = unpooled;
			return this;
		}

		/**
		 * Chooses how waiting processes learn that a key is free.
		 * @param wakeUp how; {@link WakeUp#AUTO} takes effect only with
		 * {@linkplain #ownConnections connections of its own}, of which it keeps one more
		 * @return this
		 */
		public Builder wakeUp(WakeUp wakeUp) {
			this.wakeUp = wakeUp;
			return this;
		}

		/**
		 * Names the tables: the prefix with {@code lease} and with {@code lock} behind
		 * it.
		 * @param prefix 1 to 40 ASCII letters, digits and underscores that start with no
		 * digit, after an optional schema name of the same form and a dot
		 * @return this
		 * @throws IllegalArgumentException if the prefix is not of this form
		 */
		public Builder tablePrefix(String prefix) {
			this.tables = new TableNames(prefix);
			return this;
		}

		/**
		 * Chooses the statements, by the kind of database.
		 * @param name {@code postgresql}, {@code mysql}, {@code mariadb} or {@code h2},
		 * or {@code null} to go by what the database says; a database that is known to
		 * behave in another way is refused whatever the name
		 * @return this
		 */
		public Builder platform(@Nullable String name) {
			this.platform = name;
			return this;
		}

		/**
		 * Uses the tables that a schema of the same DataSource has found or created,
		 * whatever the prefix and the platform are, without asking the database again.
		 * @param schema the schema
		 * @return this
		 */
		public Builder schema(JdbcLeaseSchema schema) {
			this.database = schema.database();
			return this;
		}

		/**
		 * Sets what the limits are derived from.
		 * @param leaseDuration the lease duration of the manager that uses the store
		 * @return this
		 * @throws IllegalArgumentException if no manager can have this lease duration,
		 * see {@link LeaseOptions}; the limits would be none at all
		 */
		public Builder leaseDuration(Duration leaseDuration) {
			this.leaseDuration = LeaseOptions.checkLeaseDuration(leaseDuration);
			return this;
		}

		/**
		 * Builds the store. Connects once, for half a minute at most, unless there is a
		 * {@link #schema schema}: finds out which database it is and in which schema of
		 * it the tables are. From then on every statement, that of a fence included,
		 * names the schema, so that no connection needs to have it as its default.
		 * @return the store
		 * @throws UnsupportedDatabaseException if there are no statements for the
		 * database or no such platform
		 * @throws LockStoreException if the database cannot be reached
		 * @throws IllegalStateException if one of the tables is there but lacks
		 * {@linkplain JdbcLeaseSchema#missingKeys() what keeps keys apart}
		 */
		public JdbcLeaseStore build() {
			return new JdbcLeaseStore(this);
		}

	}

}
