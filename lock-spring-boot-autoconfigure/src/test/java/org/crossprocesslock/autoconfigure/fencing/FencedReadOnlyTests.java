package org.crossprocesslock.autoconfigure.fencing;

import java.io.IOException;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for read-only transactions under locks where the database enforces that.
 */
class FencedReadOnlyTests {

	@SuppressWarnings("NullAway.Init") // set before all tests
	private static EmbeddedPostgres postgres;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				LockAutoConfiguration.class, FencingAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
				TransactionAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class))
		.withBean(Reports.class)
		.withPropertyValues("spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"));

	@BeforeAll
	static void startPostgres() throws IOException {
		postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
	}

	@AfterAll
	static void stopPostgres() throws IOException {
		postgres.close();
	}

	@Test
	void readsAreCommittedWithoutACheck() {
		this.runner.run((context) -> {
			assertThat(context.getBean(Reports.class).read("select 1")).isEqualTo(1);
			assertThat(context.getBean(TransactionFencing.class).count(TransactionFencing.Check.PASSED)).isZero();
		});
	}

	@Test
	void transactionThatOnlyClaimsToBeReadOnlyIsChecked() {
		this.runner.withPropertyValues("spring.datasource.hikari.data-source-properties.readOnlyMode=ignore")
			.run((context) -> {
				Reports reports = context.getBean(Reports.class);
				assertThat(reports.read("select 1")).isEqualTo(1);
				TransactionFencing fencing = context.getBean(TransactionFencing.class);
				assertThat(fencing.count(TransactionFencing.Check.PASSED)).isEqualTo(1);
				JdbcTemplate elsewhere = new JdbcTemplate(context.getBean(DataSource.class));
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> reports.readAfter(() -> elsewhere
					.update("update cross_process_lock set token = token + 1000 where lock_key = 'report'")));
			});
	}

	@Test
	void fencedTransactionThatBecomesReadOnlyIsToldWhatToDo() {
		this.runner.run(
				(context) -> assertThatThrownBy(() -> context.getBean(Reports.class).write("set transaction read only"))
					.hasMessageContaining("@Transactional(readOnly = true)"));
	}

	/** Work under a lock. */
	static class Reports {

		private final JdbcTemplate jdbc;

		Reports(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@CrossProcessLocked(key = "report", fencing = Fencing.REQUIRED)
		@Transactional(readOnly = true)
		public Integer read(String sql) {
			Integer found = this.jdbc.queryForObject(sql, Integer.class);
			return (found != null) ? found : 0;
		}

		@CrossProcessLocked(key = "report", fencing = Fencing.REQUIRED)
		@Transactional(readOnly = true)
		public void readAfter(Runnable meanwhile) {
			Thread elsewhere = new Thread(meanwhile);
			elsewhere.start();
			try {
				elsewhere.join();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@CrossProcessLocked(key = "report", fencing = Fencing.REQUIRED)
		@Transactional
		public void write(String sql) {
			this.jdbc.execute(sql);
		}

	}

}
