package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What only PostgreSQL has. */
abstract class PostgresJdbcLeaseStoreContract extends JdbcLeaseStoreContract {

	@Override
	String lockClause() {
		return "for share";
	}

	@Test
	void databaseEndsAStatementBeforeTheClientStopsListening() throws Exception {
		Duration lease = Duration.ofSeconds(5);
		LeaseStore store = store(lease);
		openLease(store);
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("lock table app_lock in access exclusive mode");
			long started = System.nanoTime();
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire(store, "lease", "k"))
				.withMessageContaining("canceling statement")
				.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(store.answerLimit());
		}
		assertThat(acquire(store, "lease", "k")).hasSize(1);
	}

	@Test
	void renewalKeepsItsPlaceInThePage() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		for (int i = 0; i < 20; i++) {
			store.renew(lease);
		}
		// other sessions see the statistics when the connections have reported them
		store.close();
		long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
		while (number("select n_tup_upd from pg_stat_user_tables where relname = 'app_lease'") < 20) {
			assertThat(System.nanoTime()).isLessThan(deadline);
			Thread.sleep(20);
		}
		assertThat(number("select n_tup_upd - n_tup_hot_upd from pg_stat_user_tables where relname = 'app_lease'"))
			.isZero();
	}

	private long number(String sql) throws Exception {
		try (Connection connection = database().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getLong(1);
		}
	}

}
