package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What MySQL and MariaDB have in common. */
abstract class MySqlJdbcLeaseStoreContract extends JdbcLeaseStoreContract {

	@Override
	String lockClause() {
		return "lock in share mode";
	}

	@Override
	String setTimeZone() {
		return "set time_zone = '+13:00'";
	}

	/** A fail-over leads to another server, and may lack releases. */
	@Test
	void sessionOfALeaseNamesTheServer() throws Exception {
		LeaseStore store = store(Duration.ofSeconds(10));
		String session = store.open("lease", "holder", Duration.ofSeconds(10)).session();
		try (Connection connection = database().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select @@server_id, @@hostname, @@port")) {
			row.next();
			assertThat(session).isEqualTo(row.getString(1) + "@" + row.getString(2) + ":" + row.getString(3));
		}
		assertThat(store.renew("lease")).hasValueSatisfying((kept) -> assertThat(kept.session()).isEqualTo(session));
	}

	@Test
	void lockedTableEndsAStatementBeforeTheClientStopsListening() throws Exception {
		LeaseStore store = store(Duration.ofSeconds(10));
		openLease(store);
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("lock tables app_lock write");
			long started = System.nanoTime();
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire(store, "lease", "k"))
				.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(store.answerLimit());
		}
		assertThat(acquire(store, "lease", "k")).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "lock tables app_lock read", "flush tables with read lock" })
	void keysOfALockedTableAreNotBusy(String lock) throws Exception {
		LeaseStore store = store(Duration.ofSeconds(10));
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "there"));
		Granted held = grant(store, lease, "held");
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(lock);
			for (String key : List.of("there", "absent")) {
				assertThatExceptionOfType(LockStoreException.class).as(key)
					.isThrownBy(() -> acquire(store, lease, key))
					.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			}
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> release(store, lease, held));
		}
		grant(store, lease, "there");
		// the server may still be rolling back an insert that nobody waits for any more
		Eventually.until("the other one is free too", () -> acquire(store, lease, "absent").get(0) instanceof Granted);
	}

}
