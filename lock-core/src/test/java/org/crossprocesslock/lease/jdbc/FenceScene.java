package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database with the tables of the library and one of an application, a holder that
 * writes there, and a successor that wants its keys. Keys are those of this scene alone.
 */
final class FenceScene implements AutoCloseable {

	/** So long that neither its end nor a heartbeat comes by itself while a test runs. */
	private static final LeaseOptions LONG = LeaseOptions.defaults()
		.withLease(Duration.ofMinutes(3), Duration.ofMinutes(1));

	private static final LockListener SILENT = new LockListener() {
	};

	private static final AtomicInteger number = new AtomicInteger();

	private static final Logger logger = LoggerFactory.getLogger(FenceScene.class);

	private final String name = "scene-" + number.incrementAndGet();

	private final DataSource database;

	private final AtomicInteger opened = new AtomicInteger();

	private final DataSource own = (DataSource) Proxy.newProxyInstance(FenceScene.class.getClassLoader(),
			new Class<?>[] { DataSource.class }, this::countOpened);

	private final JdbcLeaseStore store;

	private final List<LockGuard> guards = new CopyOnWriteArrayList<>();

	private final LeaseLockManager holder;

	private final LeaseLockManager successor;

	FenceScene(DataSource database) {
		this(database, LONG.leaseDuration());
	}

	/** With a holder whose statements and commits have as little time as with a lease. */
	FenceScene(DataSource database, Duration lease) {
		this.database = database;
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		execute("create table if not exists work (scene varchar(200), note varchar(200))");
		this.store = newStore(lease, this.own);
		this.holder = new LeaseLockManager(this.store, LONG, this.name + "-holder", SILENT);
		this.successor = new LeaseLockManager(newStore(LONG.leaseDuration(), database), LONG, this.name + "-successor",
				SILENT);
	}

	private JdbcLeaseStore newStore(Duration lease, DataSource own) {
		return JdbcLeaseStore.builder(this.database).leaseDuration(lease).ownConnections(own).build();
	}

	private Object countOpened(Object proxy, Method method, Object[] arguments) throws Throwable {
		if (method.getName().equals("getConnection")) {
			this.opened.incrementAndGet();
		}
		return method.invoke(this.database, arguments);
	}

	/** Connections that the store of the holder has opened outside of a pool. */
	int opened() {
		return this.opened.get();
	}

	boolean isHolderListening() {
		return Objects.requireNonNull(this.holder.inspection().orElseThrow().report(0).lease()).listening();
	}

	/** The key of this scene. */
	String key() {
		return this.name;
	}

	/** Another key of this scene. */
	String key(String suffix) {
		return this.name + "." + suffix;
	}

	/** The store of the holder. */
	JdbcLeaseStore store() {
		return this.store;
	}

	/** The fence of the holder. */
	CommitFence fence() {
		return this.store.commitFence();
	}

	LeaseLockManager holder() {
		return this.holder;
	}

	LeaseLockManager successor() {
		return this.successor;
	}

	/** Has the holder take the key. */
	LockGuard hold() throws InterruptedException {
		return hold(key());
	}

	/** Has the holder take a key. */
	LockGuard hold(String key) throws InterruptedException {
		LockGuard guard = this.holder.lock(key, Eventually.LIMIT);
		this.guards.add(guard);
		return guard;
	}

	/**
	 * What a reap does. The holder does not notice: its own deadline is far away, and so
	 * is its next heartbeat.
	 */
	void reapHolder() {
		execute("delete from cross_process_lease where holder = ?", this.name + "-holder");
	}

	/** Reaps the holder and has the successor take a key. */
	LockGuard takeFromHolder(String key) throws InterruptedException {
		reapHolder();
		return this.successor.lock(key, Eventually.LIMIT);
	}

	/** What the row of a key says. */
	KeyLook look(String key) {
		return this.store.look(List.of(key)).keys().get(0);
	}

	/** Renews the lease that has the key. */
	boolean renewLeaseOf(String key) {
		String leaseId = look(key).leaseId();
		return leaseId != null && this.store.renew(leaseId).isPresent();
	}

	/** A connection of the application, in autocommit mode. */
	Connection connect(Isolation isolation) throws SQLException {
		Connection connection = this.database.getConnection();
		connection.setTransactionIsolation(isolation.level());
		return connection;
	}

	Connection connect() throws SQLException {
		return connect(Isolation.READ_COMMITTED);
	}

	/** Writes to the application's table. */
	void write(Connection connection, String note) throws SQLException {
		run(connection, "insert into work (scene, note) values (?, ?)", this.name, note);
	}

	/** What was committed to the application's table. */
	List<String> written() throws SQLException {
		try (Connection connection = connect();
				PreparedStatement statement = connection
					.prepareStatement("select note from work where scene = ? order by note")) {
			statement.setString(1, this.name);
			List<String> notes = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					notes.add(row.getString(1));
				}
			}
			return notes;
		}
	}

	void execute(String sql, Object... parameters) {
		try (Connection connection = this.database.getConnection()) {
			run(connection, sql, parameters);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Executes a statement in the transaction of the connection. */
	static void run(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			LeaseStatements.bind(statement, parameters);
			statement.execute();
		}
	}

	@Override
	public void close() {
		this.successor.close();
		this.holder.close();
		this.guards.forEach(FenceScene::close);
	}

	private static void close(LockGuard guard) {
		try {
			guard.close();
		}
		catch (LockLostException ex) {
			logger.debug("A guard that the test has left was lost", ex);
		}
	}

}
