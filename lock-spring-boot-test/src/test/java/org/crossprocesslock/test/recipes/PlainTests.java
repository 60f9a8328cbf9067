package org.crossprocesslock.test.recipes;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.crossprocesslock.lease.jdbc.FencedTransaction;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Locks without Spring.
 */
class PlainTests {

	private final DataSource dataSource = database();

	private int imported;

	@Test
	void locksAreThere() throws InterruptedException {
		importOnce();
		assertThat(this.imported).isEqualTo(1);
	}

	private void importOnce() throws InterruptedException {
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(this.dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null);
		schema.createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.dataSource).schema(schema).build();
		try (LockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), "importer", new LockListener() {
		})) {
			locks.runLocked(LockRequest.of("import", Duration.ofSeconds(30)), this::importFiles);
		}
	}

	@Test
	void transactionIsFenced() throws Exception {
		JdbcLeaseSchema.of(this.dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.dataSource).build();
		try (LockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), "importer", new LockListener() {
		})) {
			reserve(locks, store);
		}
		assertThat(this.imported).isEqualTo(1);
	}

	private void reserve(LockManager lockManager, JdbcLeaseStore store) throws Exception {
		CommitFence fence = store.commitFence();
		try (LockGuard guard = lockManager.lock("stock-4711", Duration.ofSeconds(5));
				Connection connection = this.dataSource.getConnection();
				FencedTransaction transaction = fence.begin(connection, guard)) {
			reserve(connection, "4711");
			transaction.commit();
		}
	}

	private void reserve(Connection connection, String item) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("create table item" + item + " (number int)");
		}
		this.imported++;
	}

	private void importFiles() {
		this.imported++;
	}

	private static DataSource database() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:mem:plain-" + System.nanoTime() + ";DB_CLOSE_DELAY=-1");
		return dataSource;
	}

}
