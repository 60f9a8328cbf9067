package org.crossprocesslock.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * PostgreSQL compiles statements that it takes for expensive, which costs far more than
 * those here. The server that comes with the build cannot, that of Debian does.
 */
@Tag("full")
@Timeout(180)
class PostgresCompilationTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	@Test
	void noStatementIsCompiled(@TempDir Path directory) throws Exception {
		try (PostgresPair pair = PostgresPair.start(directory)) {
			PGSimpleDataSource database = pair.primary();
			assertThat(PostgresPair.text(database, "select pg_jit_available()")).isEqualTo("t");
			pair.countStatements();
			work(database);
			assertThat(statements(database, "calls > 0")).contains("renewals");
			assertThat(statements(database, "jit_functions > 0")).isEmpty();
		}
	}

	private static void work(PGSimpleDataSource database) {
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).ownConnections(database).build();
		try (store) {
			store.takeOver("own");
			store.open("own", "own", LEASE);
			store.open("other", "other", LEASE);
			assertThat(store.renew("own")).isPresent();
			Granted one = granted(acquire(store, "own", "a"));
			assertThat(acquire(store, "own", "b", "c")).hasOnlyElementsOfType(Granted.class);
			assertThat(acquire(store, "other", "a", "b")).hasOnlyElementsOfType(Busy.class);
			assertThat(store.look(List.of("a", "b")).keys()).hasSize(2);
			assertThat(store.release(List.of(new ReleaseOrder("a", "own", one.token())), List.of())).isEmpty();
			granted(acquire(store, "other", "a"));
			assertThat(store.reap("own")).isFalse();
			assertThat(store.reapUnchanged("own", -1)).isFalse();
			store.purge(Duration.ZERO);
			store.inspection();
			store.end("own");
		}
	}

	private static List<AcquireResult> acquire(JdbcLeaseStore store, String lease, String... keys) {
		return store.acquire(lease, Long.MAX_VALUE,
				List.of(keys).stream().map((key) -> new AcquireOrder(key, null, true)).toList());
	}

	private static Granted granted(List<AcquireResult> results) {
		assertThat(results).singleElement().isInstanceOf(Granted.class);
		return (Granted) results.get(0);
	}

	private static String statements(PGSimpleDataSource database, String which) {
		return PostgresPair.text(database,
				"select coalesce(string_agg(query, '; '), '') from pg_stat_statements where " + which);
	}

}
