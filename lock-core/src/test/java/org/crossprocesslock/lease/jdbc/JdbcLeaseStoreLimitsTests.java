package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.time.Duration;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class JdbcLeaseStoreLimitsTests {

	private final DataSource database = H2JdbcLeaseStoreTests.inMemory();

	// a statement limit of zero means none to a database
	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT-2S", "PT0.001S", "PT0.999999999S", "PT24H0.000000001S",
			"PT2562047788015215H30M7S" })
	void aLeaseDurationThatLeavesNoLimitIsRefused(Duration leaseDuration) {
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(this.database);
		assertThatIllegalArgumentException().isThrownBy(() -> builder.leaseDuration(leaseDuration))
			.withMessageContaining(leaseDuration.toString());
	}

	@Test
	void rowsThatAreToStayForEverDoNotFailThePurge() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).build()) {
			assertThatCode(() -> store.purge(Duration.ofSeconds(Long.MAX_VALUE))).doesNotThrowAnyException();
		}
	}

	@Test
	void aNameThatTheDatabaseTakesForAnotherTakesNothingOver() throws Exception {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).build();
				Connection connection = this.database.getConnection()) {
			FenceScene.run(connection, "alter table cross_process_lease alter column holder varchar_ignorecase(200)");
			store.open("lease-1", "WORKER", Duration.ofMinutes(1));
			store.open("lease-2", "worker", Duration.ofMinutes(1));
			assertThat(store.takeOver("worker")).isOne();
			assertThat(store.renew("lease-1")).isPresent();
			assertThat(store.renew("lease-2")).isEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"insert into cross_process_lock (lock_key, token) select 'key-' || x, x from system_range(1, ?)",
			"insert into cross_process_lease select 'lease-' || x, 'holder', x, 1, 0 from system_range(1, ?)" })
	void aPurgeThatLeavesSomethingSaysSo(String rows) throws Exception {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).build();
				Connection connection = this.database.getConnection()) {
			FenceScene.run(connection, rows, LeaseStatements.PURGE_ROWS + 1);
			assertThat(store.purge(Duration.ZERO)).isTrue();
			assertThat(store.purge(Duration.ZERO)).isFalse();
		}
	}

}
