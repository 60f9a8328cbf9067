package org.crossprocesslock.annotation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for annotated methods and transactions, with a real database.
 */
class LockedTransactionTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class,
				FencingAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("spring.datasource.generate-unique-name=false", "spring.datasource.url=" + Steps.URL)
		.withUserConfiguration(Database.class)
		.withBean(Accounts.class);

	@Test
	void lockIsTakenBeforeTheTransactionBeginsAndReleasedAfterItHasCommitted() {
		withMemory((context, accounts, steps) -> {
			accounts.transactional();
			assertThat(steps.all).containsExactly("acquire account, transaction false, rows 0",
					"body, transaction true", "release account, transaction false, rows 1");
		});
	}

	@Test
	void lockIsReleasedAfterTheRollback() {
		withMemory((context, accounts, steps) -> {
			assertThatIllegalStateException().isThrownBy(accounts::failing);
			assertThat(steps.all).containsExactly("acquire account, transaction false, rows 0",
					"release account, transaction false, rows 0");
		});
	}

	@Test
	void lockTakenInsideARunningTransactionIsKeptUntilItHasCommitted() {
		withMemory((context, accounts, steps) -> {
			template(context).executeWithoutResult((status) -> {
				accounts.plain();
				steps.all.add("after the method");
				accounts.plain();
			});
			assertThat(steps.all).containsExactly("acquire account, transaction true, rows 0", "body, transaction true",
					"after the method", "body, transaction true", "release account, transaction true, rows 2");
			assertThat(context.getBean(LockManager.class).tryLock("account")).isPresent();
		});
	}

	@Test
	void lockTakenInsideARunningTransactionIsReleasedWhenItRollsBack() {
		withMemory((context, accounts, steps) -> {
			template(context).executeWithoutResult((status) -> {
				accounts.plain();
				status.setRollbackOnly();
			});
			assertThat(steps.all).last().isEqualTo("release account, transaction true, rows 0");
		});
	}

	@Test
	void lockOfAnInnerTransactionEndsWithItAndThatOfTheSuspendedOneDoesNot() {
		withMemory((context, accounts, steps) -> {
			TransactionTemplate inner = template(context);
			inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
			template(context).executeWithoutResult((outerStatus) -> {
				accounts.other("outer");
				inner.executeWithoutResult((innerStatus) -> {
					accounts.other("inner");
					accounts.other("outer");
				});
				steps.all.add("inner is over");
			});
			assertThat(steps.events()).containsExactly("acquire outer", "acquire inner", "release inner",
					"inner is over", "release outer");
		});
	}

	@Test
	void lockOfASuspendingMethodIsKeptForTheTransactionItWasTakenIn() {
		withMemory((context, accounts, steps) -> {
			template(context).executeWithoutResult((status) -> {
				accounts.requiresNew();
				steps.all.add("method is over");
			});
			assertThat(steps.events()).containsExactly("acquire account", "body", "method is over", "release account");
		});
	}

	@Test
	void lockTakenInsideAScopeWithoutATransactionEndsWithTheMethod() {
		withMemory((context, accounts, steps) -> {
			TransactionTemplate supports = template(context);
			supports.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
			supports.executeWithoutResult((status) -> {
				accounts.other("x");
				steps.all.add("method is over");
			});
			assertThat(steps.events()).containsExactly("acquire x", "release x", "method is over");
		});
	}

	@Test
	void transactionThatEndsInsideTheMethodDoesNotEndTheLock() {
		withMemory((context, accounts, steps) -> {
			PlatformTransactionManager transactions = context.getBean(PlatformTransactionManager.class);
			TransactionStatus status = transactions.getTransaction(TransactionDefinition.withDefaults());
			accounts.body("x", () -> {
				transactions.commit(status);
				steps.all.add("committed");
			});
			assertThat(steps.events()).containsExactly("acquire x", "committed", "release x");
		});
	}

	@Test
	void nothingIsLeftOnTheThreadAfterATransaction() {
		withMemory((context, accounts, steps) -> {
			template(context).executeWithoutResult((status) -> accounts.other("x"));
			accounts.other("x");
			assertThat(steps.events()).containsExactly("acquire x", "release x", "acquire x", "release x");
		});
	}

	@Test
	void lossInsideTheMethodFailsTheCall() {
		withLosable((context, accounts, locks) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> accounts.body("x", locks::loseAll));
			assertThat(locks.events).containsExactly("acquire x", "release x");
		});
	}

	@Test
	void lossIsSuppressedInWhatTheMethodThrows() {
		withLosable((context, accounts, locks) -> assertThatIllegalStateException()
			.isThrownBy(() -> accounts.body("x", () -> {
				locks.loseAll();
				throw new IllegalStateException("the body's own");
			}))
			.withMessage("the body's own")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(LockLostException.class)));
	}

	@Test
	void noCallBeginsUnderALostLock() {
		withLosable((context, accounts, locks) -> assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> accounts.body("x", () -> {
				locks.loseAll();
				accounts.body("x", () -> locks.events.add("inner body"));
			}))
			.satisfies((ex) -> assertThat(locks.events).doesNotContain("inner body")));
	}

	@Test
	void lossInsideACallInsideACallFailsBoth() {
		withLosable((context, accounts, locks) -> accounts.body("y",
				() -> assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> accounts.body("x", () -> {
					assertThatExceptionOfType(LockLostException.class)
						.isThrownBy(() -> accounts.body("x", () -> locks.lose("x")));
				}))));
	}

	@Test
	void lossBeforeTheCommitRollsTheTransactionBack() {
		withLosable((context, accounts, locks) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> template(context).executeWithoutResult((status) -> {
					accounts.plain();
					locks.loseAll();
				}));
			assertThat(Steps.rows()).isZero();
			assertThat(locks.events).containsExactly("acquire account", "release account");
		});
	}

	@Test
	void lossBeforeTheCommitIsThroughFailsTheCaller() {
		withLosable((context, accounts, locks) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> template(context).executeWithoutResult((status) -> {
					TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

						@Override
						public void afterCommit() {
							locks.loseAll();
						}

					});
					accounts.plain();
				}));
			assertThat(Steps.rows()).isOne();
		});
	}

	@Test
	void lossInTheCommitKeepsNoOtherResourceFromCommitting() {
		withLosable((context, accounts, locks) -> {
			List<String> committed = new ArrayList<>();
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> template(context).executeWithoutResult((status) -> {
					accounts.plain();
					TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

						// as a session of JMS that is used by what is flushed
						@Override
						public void beforeCommit(boolean readOnly) {
							TransactionSynchronizationManager.registerSynchronization(new Resource(committed, "late"));
						}

						@Override
						public void afterCommit() {
							locks.loseAll();
						}

					});
					TransactionSynchronizationManager.registerSynchronization(new Resource(committed, "usual"));
				}));
			assertThat(committed).containsExactly("usual", "late");
		});
	}

	@Test
	void lossIsNoNewsToATransactionThatRollsBack() {
		withLosable((context, accounts, locks) -> {
			template(context).executeWithoutResult((status) -> {
				accounts.plain();
				locks.loseAll();
				status.setRollbackOnly();
			});
			assertThat(Steps.rows()).isZero();
			assertThat(locks.events).containsExactly("acquire account", "release account");
		});
	}

	private void withMemory(Check<Steps> check) {
		this.contextRunner.withBean(LockManager.class, () -> new ObservedLocks(Steps.CURRENT)).run((context) -> {
			Steps.CURRENT.all.clear();
			check.accept(context, context.getBean(Accounts.class), Steps.CURRENT);
		});
	}

	private void withLosable(Check<LosableLockManager> check) {
		LosableLockManager locks = new LosableLockManager();
		this.contextRunner.withBean(LockManager.class, () -> locks)
			.run((context) -> check.accept(context, context.getBean(Accounts.class), locks));
	}

	private static TransactionTemplate template(ApplicationContext context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	/** Commits with the transaction, after it. */
	private record Resource(List<String> committed, String name) implements TransactionSynchronization {

		@Override
		public void afterCommit() {
			this.committed.add(this.name);
		}

	}

	private interface Check<T> {

		void accept(ApplicationContext context, Accounts accounts, T locks) throws Exception;

	}

	/** Looks at the database from outside whenever a lock comes or goes. */
	static class Steps implements LockListener {

		static final String URL = "jdbc:h2:mem:transactions;DB_CLOSE_DELAY=-1";

		static final Steps CURRENT = new Steps();

		final List<String> all = new CopyOnWriteArrayList<>();

		@Override
		public void onRequested(LockRequest request) {
			record("acquire " + request.key());
		}

		@Override
		public void onReleased(LockRequest request, long fencingToken, Duration held) {
			record("release " + request.key());
		}

		List<String> events() {
			return this.all.stream().map((step) -> step.replaceFirst(",.*", "")).toList();
		}

		private void record(String event) {
			this.all.add(event + ", transaction " + TransactionSynchronizationManager.isActualTransactionActive()
					+ ", rows " + rows());
		}

		static @Nullable Long rows() {
			return new JdbcTemplate(new DriverManagerDataSource(URL, "sa", ""))
				.queryForObject("select count(*) from account", Long.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Database {

		@Bean
		JdbcTemplate jdbc(DataSource dataSource) {
			JdbcTemplate jdbc = new JdbcTemplate(dataSource);
			jdbc.execute("drop table if exists account");
			jdbc.execute("create table account (id int)");
			return jdbc;
		}

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

	}

	static class Accounts {

		private final JdbcTemplate jdbc;

		Accounts(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		@CrossProcessLocked(key = "account")
		public void transactional() {
			insert();
		}

		@Transactional
		@CrossProcessLocked(key = "account")
		public void failing() {
			this.jdbc.update("insert into account values (1)");
			throw new IllegalStateException("rolls back");
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		@CrossProcessLocked(key = "account")
		public void requiresNew() {
			insert();
		}

		@CrossProcessLocked(key = "account")
		public void plain() {
			insert();
		}

		@CrossProcessLocked(key = "#{#key}")
		public void other(String key) {
		}

		@CrossProcessLocked(key = "#{#key}")
		public void body(String key, Runnable body) {
			body.run();
		}

		private void insert() {
			this.jdbc.update("insert into account values (1)");
			Steps.CURRENT.all.add("body, transaction " + TransactionSynchronizationManager.isActualTransactionActive());
		}

	}

}
