package org.crossprocesslock.benchmarks.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.Product;

/**
 * One upsert to acquire, one update to release, each a commit of its own on a pooled
 * connection; who finds the key busy tries again every few milliseconds.
 */
final class StatementLocks implements Locks {

	private static final String DDL = """
			create table bare_lock (
			  name varchar(200) collate "C" not null primary key,
			  holder varchar(36),
			  expires_at timestamptz not null
			) with (fillfactor = 70)""";

	static final String IDLE_ROWS = """
			insert into bare_lock (name, expires_at)
			select 'idle-' || n, '-infinity' from generate_series(1, %d) n""";

	static final long POLL_MILLIS = 10;

	private static final String ACQUIRE = """
			insert into bare_lock as l (name, holder, expires_at)
			values (?, ?, clock_timestamp() + ? * interval '1 millisecond')
			on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
			where l.holder is null or l.expires_at <= clock_timestamp()""";

	private static final String RELEASE = "update bare_lock set holder = null where name = ? and holder = ?";

	private static final String RENEW = """
			update bare_lock set expires_at = clock_timestamp() + ? * interval '1 millisecond' where holder = ?""";

	private final HikariDataSource pool;

	private final long leaseMillis;

	private final String holder = UUID.randomUUID().toString();

	/** The statements of the product. */
	static Locks on(Database database, Terms terms) {
		return (database.product() == Product.POSTGRESQL) ? new StatementLocks(database, terms)
				: new MySqlStatementLocks(database, terms);
	}

	static String ddl(Product product) {
		return (product == Product.POSTGRESQL) ? DDL : MySqlStatementLocks.DDL;
	}

	StatementLocks(Database database, Terms terms) {
		this.pool = database.pool();
		this.leaseMillis = terms.lease().toMillis();
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		while (!tryAcquire(key)) {
			Thread.sleep(POLL_MILLIS);
		}
		return Acquired.withoutToken(() -> release(key));
	}

	boolean tryAcquire(String key) {
		return update(this.pool, ACQUIRE, key, this.holder, this.leaseMillis) == 1;
	}

	private void release(String key) {
		if (update(this.pool, RELEASE, key, this.holder) != 1) {
			throw new IllegalStateException("Key '" + key + "' was not held any more");
		}
	}

	String holder() {
		return this.holder;
	}

	DataSource pool() {
		return this.pool;
	}

	@Override
	public void renewHeld() {
		update(this.pool, RENEW, this.leaseMillis, this.holder);
	}

	static int update(DataSource dataSource, String sql, Object... parameters) {
		try (Connection connection = dataSource.getConnection()) {
			return update(connection, sql, parameters);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static int update(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < parameters.length; i++) {
				statement.setObject(i + 1, parameters[i]);
			}
			return statement.executeUpdate();
		}
	}

	@Override
	public void close() {
		this.pool.close();
	}

}
