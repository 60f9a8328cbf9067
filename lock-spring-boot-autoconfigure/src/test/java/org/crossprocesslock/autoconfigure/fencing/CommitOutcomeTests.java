package org.crossprocesslock.autoconfigure.fencing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what follows from the way in which a transaction under a lock has ended.
 */
class CommitOutcomeTests {

	/** Less than the distance of two acquisitions by SQL, which hand-offs fill. */
	private static final long HANDED_ON = 1_000;

	private final FencedApplication application = new FencedApplication();

	private final AtomicLong token = new AtomicLong();

	private final AtomicLong number = new AtomicLong();

	@Test
	void keyIsHandedOnAfterAKnownCommit() {
		runWith(this.application.runner(),
				(service, context) -> await().until(() -> grown(service, context, false) < HANDED_ON));
		assertThat(this.application.rows()).isNotEmpty();
	}

	@Test
	void keyIsHandedOnAfterAKnownRollback() {
		runWith(this.application.runner(),
				(service, context) -> await().until(() -> grown(service, context, true) < HANDED_ON));
		assertThat(this.application.rows()).as("rolled back after their commits had failed").isEmpty();
	}

	@Test
	void keyIsNotHandedOnAfterAnUnknownOutcome() {
		ApplicationContextRunner unknown = this.application.runner()
			.withBean(PlatformTransactionManager.class,
					() -> new DataSourceTransactionManager(this.application.dataSource));
		runWith(unknown, (service, context) -> {
			for (int i = 0; i < 5; i++) {
				assertThat(grown(service, context, true)).isGreaterThanOrEqualTo(HANDED_ON);
			}
		});
	}

	/** Nobody is told of the outcome then, unless synchronizations are. */
	@Test
	void keyIsFreeAfterAnotherListenerHasEndedACommit() {
		DataSourceTransactionManager manager = new DataSourceTransactionManager(this.application.dataSource);
		manager.addListener(new TransactionExecutionListener() {

			@Override
			public void beforeCommit(TransactionExecution transaction) {
				throw new TransactionSystemException("not now");
			}

		});
		runWith(this.application.runner().withBean(PlatformTransactionManager.class, () -> manager),
				(service, context) -> {
					assertThatThrownBy(() -> service.required(() -> this.application.insert(1)))
						.isInstanceOf(TransactionSystemException.class);
					context.getBean(LockManager.class).lock("key", Duration.ofSeconds(30)).close();
				});
	}

	/**
	 * How much the token grows until the next one of this process has the key. Nothing is
	 * handed on that has been held for long, as in a slow moment.
	 */
	private long grown(Service service, ApplicationContext context, boolean failing) throws Exception {
		LockManager locks = context.getBean(LockManager.class);
		CompletableFuture<Long> next = new CompletableFuture<>();
		Throwable failure = catchThrowable(() -> service.required(() -> {
			this.application.insert((int) this.number.incrementAndGet());
			this.token.set(this.application.tokenOf("key"));
			var unused = locks.lockAsync(LockRequest.of("key", Duration.ofSeconds(30))).thenAccept((guard) -> {
				next.complete(guard.fencingToken());
				guard.close();
			});
			if (failing) {
				this.application.dataSource.failCommitOfThisThread();
			}
		}));
		assertThat(failure != null).isEqualTo(failing);
		return next.get(30, TimeUnit.SECONDS) - this.token.get();
	}

	@ParameterizedTest
	@EnumSource(names = { "REQUIRED", "REQUIRES_NEW", "NESTED" })
	void methodThatIsATransactionSucceedsIfItWasCommittedInTime(Propagation propagation) {
		run((service, context) -> {
			call(service, propagation, () -> {
				this.application.insert(1);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						leaseIsLost();
					}

				});
			});
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "SUPPORTS", "NOT_SUPPORTED", "NEVER" })
	void methodThatIsNoTransactionFailsWhateverItHasCommitted(Propagation propagation) {
		run((service, context) -> {
			assertThatThrownBy(() -> call(service, propagation, () -> {
				template(context, TransactionDefinition.PROPAGATION_REQUIRED)
					.executeWithoutResult((status) -> this.application.insert(1));
				leaseIsLost();
			})).isInstanceOf(LockLostException.class);
			assertThat(this.application.rows()).containsExactly(1);
		});
	}

	@Test
	void transactionThatWasNotCheckedIsNoProof() {
		run((service, context) -> assertThatThrownBy(() -> service.readOnly(this::leaseIsLost))
			.isInstanceOf(LockLostException.class));
	}

	@Test
	void transactionThatIsRolledBackIsNoProof() {
		run((service, context) -> assertThatThrownBy(() -> service.required(() -> {
			leaseIsLost();
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
		})).isInstanceOf(LockLostException.class));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void savepointIsNotChecked(boolean rolledBack) {
		run((service, context) -> {
			service.required(() -> {
				this.application.insert(1);
				this.application.dataSource.clear();
				template(context, TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((status) -> {
					this.application.insert(2);
					if (rolledBack) {
						status.setRollbackOnly();
					}
				});
				assertThat(this.application.dataSource.ofThisThread()).as("no check").hasSize(1);
			});
			assertThat(this.application.rows()).hasSize(rolledBack ? 1 : 2);
			assertThat(this.application.dataSource.ofThisThread()).as("the check of all").hasSize(2);
		});
	}

	@Test
	void transactionWithASavepointRollsBackWhenTheKeyWasTaken() {
		run((service, context) -> {
			assertThatThrownBy(() -> service.required(() -> {
				template(context, TransactionDefinition.PROPAGATION_NESTED)
					.executeWithoutResult((status) -> this.application.insert(1));
				this.application.anotherProcessTakes("key");
			})).isInstanceOf(LockLostException.class);
			assertThat(this.application.rows()).isEmpty();
		});
	}

	private static void call(Service service, Propagation propagation, Runnable body) {
		switch (propagation) {
			case REQUIRED -> service.required(body);
			case REQUIRES_NEW -> service.requiresNew(body);
			case NESTED -> service.nested(body);
			case SUPPORTS -> service.supports(body);
			case NOT_SUPPORTED -> service.notSupported(body);
			case NEVER -> service.never(body);
			case MANDATORY -> throw new IllegalArgumentException("fails outside of transactions");
		}
	}

	private void leaseIsLost() {
		this.application.elsewhere.update("delete from cross_process_lease");
		await().until(() -> !this.application.losses.events.isEmpty());
	}

	private static TransactionTemplate template(ApplicationContext context, int propagation) {
		TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		template.setPropagationBehavior(propagation);
		return template;
	}

	private void run(ContextWork work) {
		runWith(this.application.runner(), work);
	}

	private void runWith(ApplicationContextRunner runner, ContextWork work) {
		runner.withBean(Service.class).run((context) -> {
			this.application.dataSource.clear();
			work.run(context.getBean(Service.class), context);
		});
	}

	/** What a test does with a running context. */
	interface ContextWork {

		void run(Service service, ApplicationContext context) throws Exception;

	}

	/** Methods that run under a lock, in a transaction or not. */
	static class Service {

		@CrossProcessLocked(key = "key")
		@Transactional
		public void required(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void requiresNew(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		@Transactional(propagation = Propagation.NESTED)
		public void nested(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		@Transactional(propagation = Propagation.SUPPORTS)
		public void supports(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		public void notSupported(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		@Transactional(propagation = Propagation.NEVER)
		public void never(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key")
		@Transactional(readOnly = true)
		public void readOnly(Runnable body) {
			body.run();
		}

	}

}
