package org.crossprocesslock.autoconfigure.fencing;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Tests for transactions that commit under a lock or not at all.
 */
class FencedTransactionTests {

	private final FencedApplication application = new FencedApplication();

	@Test
	void transactionOfTheMethodCommitsWithOneStatementMore() {
		run((service, context) -> {
			service.transactional(() -> service.insert(1));
			assertThat(this.application.rows()).containsExactly(1);
			assertThat(this.application.dataSource.ofThisThread()).hasSize(2)
				.last()
				.asString()
				.contains("CROSS_PROCESS_LOCK")
				.contains("for update");
		});
	}

	@Test
	void checksAreCountedByTheirOutcome() {
		run((service, context) -> {
			service.transactional(() -> {
			});
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> service.transactional(() -> this.application.anotherProcessTakes("key")));
			TransactionFencing fencing = context.getBean(TransactionFencing.class);
			assertThat(fencing.count(TransactionFencing.Check.PASSED)).isEqualTo(1);
			assertThat(fencing.count(TransactionFencing.Check.REFUSED)).isEqualTo(1);
			assertThat(fencing.count(TransactionFencing.Check.FAILED)).isZero();
		});
	}

	@Test
	void transactionOfTheMethodRollsBackWhenTheKeyWasTaken() {
		run((service, context) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service.transactional(() -> {
				service.insert(1);
				this.application.anotherProcessTakes("key");
			})).satisfies((ex) -> {
				assertThat(ex.getKey()).isEqualTo("key");
				assertThat(ex).hasMessageContaining("belongs to another holder");
			});
			assertThat(this.application.rows()).isEmpty();
			await().untilAsserted(() -> assertThat(this.application.losses.events).singleElement()
				.satisfies((event) -> assertThat(event.key()).isEqualTo("key")));
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "READ_UNCOMMITTED", "READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE" })
	void nothingIsCommittedAfterTheKeyWasTakenAtAnyIsolationLevel(Isolation isolation) {
		run((service, context) -> {
			TransactionTemplate template = template(context);
			template.setIsolationLevel(isolation.value());
			assertThatThrownBy(() -> service.locked(() -> template.executeWithoutResult((status) -> {
				service.insert(1);
				this.application.anotherProcessTakes("key");
			}))).isInstanceOf(RuntimeException.class);
			assertThat(this.application.rows()).isEmpty();
			service.otherKey(() -> template.executeWithoutResult((status) -> service.insert(2)));
			assertThat(this.application.rows()).containsExactly(2);
		});
	}

	@Test
	void transactionMayWorkInTheSchemaOfATenant() {
		this.application.elsewhere.execute("create schema tenant");
		this.application.elsewhere.execute("create table tenant.orders (n int)");
		run((service, context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Runnable order = () -> service.transactional(() -> {
				jdbc.execute("set schema tenant");
				jdbc.update("insert into orders values (1)");
			});
			order.run();
			this.application.elsewhere
				.execute("create table tenant.cross_process_lock as " + "select * from cross_process_lock where 1 = 0");
			order.run();
			assertThat(this.application.elsewhere.queryForObject("select count(*) from tenant.orders", Integer.class))
				.isEqualTo(2);
		});
	}

	@Test
	void everyTransactionInTheMethodIsChecked() {
		run((service, context) -> {
			TransactionTemplate template = template(context);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service.locked(() -> {
				template.executeWithoutResult((status) -> service.insert(1));
				this.application.anotherProcessTakes("key");
				template.executeWithoutResult((status) -> service.insert(2));
			}));
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	@Test
	void innerTransactionIsCheckedOnItsOwn() {
		run((service, context) -> {
			TransactionTemplate inner = template(context);
			inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service.transactional(() -> {
				inner.executeWithoutResult((status) -> service.insert(1));
				service.insert(2);
				this.application.anotherProcessTakes("key");
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> inner.executeWithoutResult((status) -> service.insert(3)));
			}));
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	@Test
	void transactionIsCheckedForAllLocksItRunsUnder() {
		run((service, context) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service
				.locked(() -> service.otherKey(() -> template(context).executeWithoutResult((status) -> {
					service.insert(1);
					this.application.anotherProcessTakes("key");
				}))));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@Test
	void workUnderALockOfTheManagerIsChecked() {
		run((service, context) -> {
			LockManager locks = context.getBean(LockManager.class);
			LockRequest request = LockRequest.of("key", Duration.ZERO);
			Runnable stale = () -> template(context).executeWithoutResult((status) -> {
				service.insert(1);
				this.application.anotherProcessTakes("key");
			});
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> locks.runLocked(request, stale));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@ParameterizedTest
	@EnumSource
	void workUnderAGuardIsCheckedUntilTheGuardIsClosed(Acquiring acquiring) {
		run((service, context) -> {
			LockManager locks = context.getBean(LockManager.class);
			AutoCloseable guard = acquiring.acquire(locks, "key");
			template(context).executeWithoutResult((status) -> service.insert(1));
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> template(context).executeWithoutResult((status) -> {
					service.insert(2);
					this.application.anotherProcessTakes("key");
				}));
			assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
			template(context).executeWithoutResult((status) -> service.insert(3));
			assertThat(this.application.rows()).containsExactly(1, 3);
		});
	}

	@Test
	void workUnderAGuardIsCheckedAsThePropertySays() {
		this.application.runner()
			.withBean(Service.class)
			.withPropertyValues("cross-process-lock.fencing=off")
			.run((context) -> {
				try (LockGuard guard = context.getBean(LockManager.class).lock("key", Duration.ZERO)) {
					template(context).executeWithoutResult((status) -> {
						context.getBean(Service.class).insert(1);
						this.application.anotherProcessTakes(guard.key());
					});
				}
				assertThat(this.application.rows()).containsExactly(1);
			});
	}

	@Test
	void transactionDoesNotCommitAfterItsThreadHasClosedTheGuard() {
		run((service, context) -> {
			LockGuard guard = context.getBean(LockManager.class).lock("key", Duration.ZERO);
			assertThatIllegalStateException().isThrownBy(() -> template(context).executeWithoutResult((status) -> {
				service.insert(1);
				guard.close();
			})).withMessageContaining("'key' was closed before the transaction under it could commit");
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@Test
	void transactionDoesNotCommitAfterAnotherThreadHasClosedTheGuard() {
		run((service, context) -> {
			LockGuard guard = context.getBean(LockManager.class).lock("key", Duration.ZERO);
			assertThatIllegalStateException().isThrownBy(() -> template(context).executeWithoutResult((status) -> {
				service.insert(1);
				CompletableFuture.runAsync(guard::close).join();
			})).withMessageContaining("'key' was closed before the transaction under it could commit");
			assertThat(this.application.rows()).isEmpty();
			template(context).executeWithoutResult((status) -> service.insert(2));
			assertThat(this.application.rows()).containsExactly(2);
		});
	}

	@Test
	void transactionDoesNotCommitAfterItsGuardWasForgotten() {
		run((service, context) -> {
			LockManager locks = context.getBean(LockManager.class);
			assertThatIllegalStateException().isThrownBy(() -> {
				GuardedWork work = forget(locks);
				template(context).executeWithoutResult((status) -> {
					service.insert(1);
					await().until(() -> {
						System.gc();
						return work.guard() == null;
					});
				});
			}).withMessageContaining("'key'").withMessageContaining("Close every guard after the commit");
			assertThat(this.application.rows()).isEmpty();
		});
	}

	/** In a frame of its own, whose end leaves nothing that refers to the guard. */
	private static GuardedWork forget(LockManager locks) throws InterruptedException {
		assertThat(locks.lock("key", Duration.ZERO).isHeld()).isTrue();
		return GuardedWork.ofThread().get(0);
	}

	/** Of a test before, for example, whose context is closed. */
	@Test
	void guardThatWasForgottenElsewhereFailsNothing() throws Exception {
		try (MemoryLockManager elsewhere = new MemoryLockManager()) {
			LockGuard forgotten = elsewhere.lock("key", Duration.ZERO);
			elsewhere.close();
			run((service, context) -> {
				template(context).executeWithoutResult((status) -> service.insert(1));
				assertThat(this.application.rows()).containsExactly(1);
			});
			assertThatExceptionOfType(LockLostException.class).isThrownBy(forgotten::close);
		}
	}

	@Test
	void guardOfAPromiseBelongsToNoThread() {
		run((service, context) -> {
			LockManager locks = context.getBean(LockManager.class);
			try (LockGuard guard = locks.lockAsync(LockRequest.of("key", Duration.ZERO)).join()) {
				template(context).executeWithoutResult((status) -> service.insert(1));
				assertThat(guard.isHeld()).isTrue();
			}
			assertThat(this.application.dataSource.ofThisThread()).hasSize(1);
		});
	}

	@Test
	void guardsMayBeClosedInAnyOrder() {
		run((service, context) -> {
			LockManager locks = context.getBean(LockManager.class);
			LockGuard first = locks.lock("key", Duration.ZERO);
			try (LockGuard second = locks.lock("other", Duration.ZERO)) {
				first.close();
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> template(context).executeWithoutResult((status) -> {
						service.insert(1);
						this.application.anotherProcessTakes("other");
					}));
				assertThatExceptionOfType(LockLostException.class).isThrownBy(second::close);
			}
			template(context).executeWithoutResult((status) -> service.insert(2));
			assertThat(this.application.rows()).containsExactly(2);
		});
	}

	@Test
	void readOnlyTransactionIsCheckedWhereItCouldWriteAllTheSame() {
		run((service, context) -> {
			TransactionTemplate readOnly = template(context);
			readOnly.setReadOnly(true);
			service.locked(() -> readOnly.executeWithoutResult((status) -> service.count()));
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> service.locked(() -> readOnly.executeWithoutResult((status) -> {
					service.insert(1);
					this.application.anotherProcessTakes("key");
				})));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@Test
	void transactionThatRollsBackIsLeftAlone() {
		run((service, context) -> {
			service.locked(() -> template(context).executeWithoutResult((status) -> {
				service.insert(1);
				status.setRollbackOnly();
			}));
			assertThat(this.application.dataSource.ofThisThread()).hasSize(1);
		});
	}

	@Test
	void transactionWithoutALockCostsNothing() {
		run((service, context) -> {
			template(context).executeWithoutResult((status) -> service.insert(1));
			assertThat(this.application.dataSource.ofThisThread()).hasSize(1);
		});
	}

	@Test
	void methodThatDoesNotWantItIsNotChecked() {
		run((service, context) -> {
			service.unfenced(() -> template(context).executeWithoutResult((status) -> {
				service.insert(1);
				this.application.anotherProcessTakes("key");
			}));
			assertThat(this.application.rows()).as("stale").containsExactly(1);
			assertThat(this.application.dataSource.ofThisThread()).hasSize(1);
		});
	}

	@Test
	void propertySaysWhatMethodsDoNot() {
		this.application.runner()
			.withBean(Service.class)
			.withPropertyValues("cross-process-lock.fencing=off")
			.run((context) -> {
				Service service = context.getBean(Service.class);
				this.application.dataSource.clear();
				service.transactional(() -> service.insert(1));
				assertThat(this.application.dataSource.ofThisThread()).hasSize(1);
				this.application.dataSource.clear();
				service.required(() -> template(context).executeWithoutResult((status) -> service.insert(2)));
				assertThat(this.application.dataSource.ofThisThread()).hasSize(2);
			});
	}

	@Test
	void methodWhoseOwnTransactionWasCommittedInTimeIsSuccessful() {
		run((service, context) -> {
			service.transactional(() -> {
				service.insert(1);
				TransactionSynchronizationManager.registerSynchronization(afterCommit(this::leaseIsLost));
			});
			assertThat(this.application.rows()).containsExactly(1);
			assertThat(this.application.losses.events).isNotEmpty();
		});
	}

	@Test
	void checkOfAnotherLockDoesNotHideThatOneIsLostWhichNobodyChecked() {
		run((service, context) -> {
			LockManager locks = context.getBean(LockManager.class);
			try (LockGuard checked = locks.lock("checked", Duration.ZERO)) {
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> service.unfencedTransaction(() -> release(locks, "key")))
					.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo("key"));
				assertThat(checked.isHeld()).isTrue();
			}
		});
	}

	/** As an operator does. */
	private static void release(LockManager locks, String key) {
		LockInspection inspection = locks.inspection().orElseThrow();
		long token = inspection.report(10)
			.held()
			.stream()
			.filter((held) -> held.key().equals(key))
			.findFirst()
			.orElseThrow()
			.token();
		assertThat(inspection.release(key, token)).isTrue();
	}

	@Test
	void methodThatMayHaveDoneMoreThanItsTransactionsFails() {
		run((service, context) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service.locked(() -> {
				template(context).executeWithoutResult((status) -> service.insert(1));
				leaseIsLost();
			}));
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	@Test
	void methodThatOnlyCallsATransactionOfItsClassFails() {
		run((service, context) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service.locked(() -> {
				service.transactional(() -> service.insert(1));
				leaseIsLost();
			}));
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	@Test
	void transactionThatOutlivesItsLockDoesNotCommit() {
		run((service, context) -> {
			PlatformTransactionManager transactions = context.getBean(PlatformTransactionManager.class);
			TransactionStatus[] begun = new TransactionStatus[1];
			service.locked(() -> {
				begun[0] = transactions.getTransaction(TransactionDefinition.withDefaults());
				service.insert(1);
			});
			assertThatIllegalStateException().isThrownBy(() -> transactions.commit(Objects.requireNonNull(begun[0])))
				.withMessageContaining("closed");
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@Test
	void lockTakenInsideATransactionDoesNotFenceIt() {
		run((service, context) -> {
			template(context).executeWithoutResult((status) -> service.locked(() -> service.insert(1)));
			assertThat(this.application.rows()).containsExactly(1);
			assertThat(this.application.dataSource.ofThisThread()).hasSize(1);
		});
	}

	@Test
	void lockThatRequiresFencingIsRefusedInsideATransaction() {
		run((service, context) -> {
			template(context).executeWithoutResult((status) -> assertThatIllegalStateException()
				.isThrownBy(() -> service.required(() -> service.insert(1)))
				.withMessageContaining("'key'")
				.withMessageContaining("inside a running transaction"));
			assertThat(this.application.rows()).isEmpty();
			assertThat(this.application.elsewhere.queryForList("select lock_key from cross_process_lock")).isEmpty();
		});
	}

	@Test
	void callThatRequiresFencingJoinsATransactionThatIsFenced() {
		run((service, context) -> {
			service.transactional(() -> service.required(() -> service.insert(1)));
			assertThat(this.application.rows()).containsExactly(1);
			service.unfenced(() -> template(context).executeWithoutResult((status) -> assertThatIllegalStateException()
				.isThrownBy(() -> service.required(() -> service.insert(2)))));
		});
	}

	@Test
	void listenerThatFailsDoesNotKeepTheKeyInCommit() {
		this.application.runner()
			.withBean(Service.class)
			.withConfiguration(AutoConfigurations.of(TransactionManagerCustomizationAutoConfiguration.class))
			.withBean(TransactionExecutionListener.class, BrokenListener::new)
			.run((context) -> {
				assertThat(context.getBean(AbstractPlatformTransactionManager.class).getTransactionExecutionListeners())
					.hasAtLeastOneElementOfType(BrokenListener.class);
				Service service = context.getBean(Service.class);
				assertThatIllegalStateException().isThrownBy(() -> service.transactional(() -> service.insert(1)))
					.withMessage("broken");
				assertFree(context);
			});
	}

	@Test
	void managerWhoseListenersTheApplicationReplacesIsFencedAllTheSame() {
		TransactionExecutionListener own = new TransactionExecutionListener() {
		};
		this.application.runner()
			.withBean(Service.class)
			.withBean(ReplacedListeners.class, own)
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> {
				Service service = context.getBean(Service.class);
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> service.transactional(() -> {
					service.insert(1);
					this.application.anotherProcessTakes("key");
				}));
				assertThat(this.application.rows()).isEmpty();
				assertThat(context.getBean(AbstractPlatformTransactionManager.class).getTransactionExecutionListeners())
					.hasSize(2)
					.contains(own);
			});
	}

	@Test
	void commitThatFailsAndIsRolledBackDoesNotKeepTheKeyInCommit() {
		run((service, context) -> {
			assertThat(context.getBean(PlatformTransactionManager.class)).isInstanceOf(JdbcTransactionManager.class);
			assertThatExceptionOfType(DataAccessResourceFailureException.class).isThrownBy(() -> failToCommit(service));
			assertFree(context);
		});
	}

	@Test
	void commitOfUnknownOutcomeDoesNotKeepTheKeyInCommit() {
		this.application.runner()
			.withBean(Service.class)
			.withBean(PlatformTransactionManager.class,
					() -> new DataSourceTransactionManager(this.application.dataSource))
			.run((context) -> {
				assertThatExceptionOfType(TransactionSystemException.class)
					.isThrownBy(() -> failToCommit(context.getBean(Service.class)));
				assertFree(context);
			});
	}

	@Test
	void failureAfterTheCommitDoesNotKeepTheKeyInCommit() {
		run((service, context) -> {
			assertThatThrownBy(() -> service.transactional(() -> {
				service.insert(1);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						throw new IllegalStateException("after the commit");
					}

				});
			})).hasMessage("after the commit");
			assertFree(context);
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	private void failToCommit(Service service) {
		service.transactional(() -> {
			service.insert(1);
			this.application.dataSource.failCommitOfThisThread();
		});
	}

	private static void assertFree(ApplicationContext context) throws InterruptedException {
		try (LockGuard guard = context.getBean(LockManager.class).lock("key", Duration.ofSeconds(10))) {
			assertThat(guard.isHeld()).isTrue();
		}
	}

	/** The next renewal finds the lease gone. */
	private void leaseIsLost() {
		this.application.elsewhere.update("delete from cross_process_lease");
		await().until(() -> !this.application.losses.events.isEmpty());
	}

	private static TransactionSynchronization afterCommit(Runnable action) {
		return new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				action.run();
			}

		};
	}

	private static TransactionTemplate template(ApplicationContext context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	private void run(ContextWork work) {
		this.application.runner().withBean(Service.class).run((context) -> {
			this.application.dataSource.clear();
			work.run(context.getBean(Service.class), context);
		});
	}

	/** Of an application that thinks of no listeners but its own. */
	static final class ReplacedListeners {

		ReplacedListeners(TransactionExecutionListener own, AbstractPlatformTransactionManager manager) {
			manager.setTransactionExecutionListeners(List.of(own));
		}

	}

	/** Keeps the outcome from those after it. */
	static final class BrokenListener implements TransactionExecutionListener {

		@Override
		public void afterCommit(TransactionExecution transaction, @Nullable Throwable commitFailure) {
			throw new IllegalStateException("broken");
		}

	}

	/** How a caller gets a guard without saying for what. */
	enum Acquiring {

		LOCK {
			@Override
			AutoCloseable acquire(LockManager locks, String key) throws InterruptedException {
				return locks.lock(key, Duration.ZERO);
			}
		},

		TRY_LOCK {
			@Override
			AutoCloseable acquire(LockManager locks, String key) {
				return locks.tryLock(key).orElseThrow();
			}
		},

		TRY_LOCK_REQUEST {
			@Override
			AutoCloseable acquire(LockManager locks, String key) throws InterruptedException {
				return locks.tryLock(LockRequest.of(key, Duration.ZERO)).orElseThrow();
			}
		},

		LOCK_ALL {
			@Override
			AutoCloseable acquire(LockManager locks, String key) throws InterruptedException {
				return locks.lockAll(List.of("before", key), Duration.ZERO);
			}
		};

		abstract AutoCloseable acquire(LockManager locks, String key) throws InterruptedException;

	}

	/** What a test does with a running context. */
	interface ContextWork {

		void run(Service service, ApplicationContext context) throws Exception;

	}

	/** Methods that run under a lock. */
	static class Service {

		private final JdbcTemplate jdbc;

		Service(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		void insert(int id) {
			this.jdbc.update("insert into work values (?)", id);
		}

		Integer count() {
			return Objects
				.requireNonNull(this.jdbc.queryForObject("select count(*) from work where id > ?", Integer.class, 0));
		}

		@CrossProcessLocked(key = "key")
		@Transactional
		public void transactional(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		public void locked(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "other")
		public void otherKey(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key", fencing = Fencing.OFF)
		public void unfenced(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key", fencing = Fencing.OFF)
		@Transactional
		public void unfencedTransaction(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key", fencing = Fencing.REQUIRED)
		public void required(Runnable body) {
			body.run();
		}

	}

}
