package org.crossprocesslock.annotation;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.ReactiveTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.reactive.AbstractReactiveTransactionManager;
import org.springframework.transaction.reactive.GenericReactiveTransaction;
import org.springframework.transaction.reactive.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for locks around the transactions of a {@link ReactiveTransactionManager}.
 */
class ReactiveTransactionTests {

	private final List<String> events = new CopyOnWriteArrayList<>();

	private final MemoryLockManager locks = new MemoryLockManager();

	private ApplicationContextRunner runner(LockManager manager) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> manager)
			.withBean(ReactiveTransactionManager.class, () -> new Transactions(this.events, this::isFree))
			.withUserConfiguration(WithTransactions.class);
	}

	private void run(LockManager manager, OrdersCheck check) {
		runner(manager).withBean(Orders.class).run((context) -> check.accept(context.getBean(Orders.class)));
	}

	private String isFree() {
		Optional<LockGuard> guard = this.locks.tryLock("order");
		guard.ifPresent(LockGuard::close);
		return guard.isPresent() ? "unlocked" : "locked";
	}

	@Test
	void theTransactionBeginsUnderTheLockAndCommitsBeforeItsRelease() {
		run(this.locks, (orders) -> {
			assertThat(
					orders.mono(() -> Mono.just("done").doOnNext((value) -> this.events.add("work"))).block(Soon.LIMIT))
				.isEqualTo("done");
			assertThat(isFree()).isEqualTo("unlocked");
			assertThat(
					orders.flux(() -> Flux.just("a", "b").doOnNext(this.events::add)).collectList().block(Soon.LIMIT))
				.containsExactly("a", "b");
			assertThat(this.events).containsExactly("begin locked", "work", "commit locked", "begin locked", "a", "b",
					"commit locked");
		});
	}

	@Test
	void aFailureRollsBackUnderTheLock() {
		run(this.locks, (orders) -> {
			assertThatExceptionOfType(IllegalStateException.class)
				.isThrownBy(
						() -> orders.mono(() -> Mono.error(new IllegalStateException("of the work"))).block(Soon.LIMIT))
				.withMessage("of the work");
			assertThat(this.events).containsExactly("begin locked", "rollback locked");
			assertThat(isFree()).isEqualTo("unlocked");
		});
	}

	@Test
	void aCancellationRollsBackAndFreesTheKey() {
		run(this.locks, (orders) -> {
			CountDownLatch subscribed = new CountDownLatch(1);
			Disposable call = orders
				.mono(() -> Mono.<String>never().doOnSubscribe((subscription) -> subscribed.countDown()))
				.subscribe();
			assertThat(subscribed.await(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			call.dispose();
			Soon.until(() -> this.events.size() == 2);
			assertThat(this.events.get(1)).startsWith("rollback");
			Soon.until(() -> isFree().equals("unlocked"));
		});
	}

	@Test
	void aLossRollsBackWhatIsStillAtWork() {
		LosableLockManager losable = new LosableLockManager();
		run(losable, (orders) -> {
			Mono<String> work = Mono.<String>never().doOnSubscribe((subscription) -> losable.loseAll());
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> orders.mono(() -> work).block(Soon.LIMIT));
			Soon.until(() -> this.events.size() == 2);
			assertThat(this.events.get(1)).startsWith("rollback");
		});
	}

	/** It has asked for no fence, and hears of the loss all the same. */
	@Test
	void aLossThatTheTransactionDoesNotNoticeIsTold() {
		LosableLockManager losable = new LosableLockManager();
		run(losable, (orders) -> {
			Mono<String> work = Mono.fromSupplier(() -> {
				losable.loseAll();
				return "done";
			});
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> orders.mono(() -> work).block(Soon.LIMIT));
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { Unfenced.class, OfClass.class, RequiredFence.class })
	void aTransactionThatCannotBeCheckedIsRefusedAtStart(Class<?> bean) {
		runner(this.locks).withBean(bean)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.isInstanceOf(LockedMethodException.class)
				.hasMessageContainingAll(bean.getSimpleName() + ".run", "before", "commit", "fencing=OFF"));
	}

	/** What a test does with the bean. */
	interface OrdersCheck {

		void accept(Orders orders) throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class WithTransactions {

	}

	static class Orders {

		@CrossProcessLocked(key = "order", waitTime = "0s", fencing = Fencing.OFF)
		@Transactional
		public Mono<String> mono(Supplier<Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "order", waitTime = "0s", fencing = Fencing.OFF)
		@Transactional
		public Flux<String> flux(Supplier<Flux<String>> work) {
			return work.get();
		}

	}

	static class Unfenced {

		@CrossProcessLocked(key = "order")
		@Transactional
		public Mono<String> run() {
			return Mono.empty();
		}

	}

	@Transactional
	static class OfClass {

		@CrossProcessLocked(key = "order")
		public Flux<String> run() {
			return Flux.empty();
		}

	}

	static class RequiredFence {

		@CrossProcessLocked(key = "order", fencing = Fencing.REQUIRED)
		public Mono<String> run() {
			return Mono.empty();
		}

	}

	/** Transactions in the context of a subscription, which tell what becomes of them. */
	static final class Transactions extends AbstractReactiveTransactionManager {

		private final transient List<String> events;

		private final transient Supplier<String> locked;

		Transactions(List<String> events, Supplier<String> locked) {
			this.events = events;
			this.locked = locked;
		}

		private Mono<Void> tell(String event) {
			return Mono.fromRunnable(() -> this.events.add(event + " " + this.locked.get()));
		}

		@Override
		protected Object doGetTransaction(TransactionSynchronizationManager synchronizations) {
			return new Object();
		}

		@Override
		protected Mono<Void> doBegin(TransactionSynchronizationManager synchronizations, Object transaction,
				TransactionDefinition definition) {
			return tell("begin");
		}

		@Override
		protected Mono<Void> doCommit(TransactionSynchronizationManager synchronizations,
				GenericReactiveTransaction status) {
			return tell("commit");
		}

		@Override
		protected Mono<Void> doRollback(TransactionSynchronizationManager synchronizations,
				GenericReactiveTransaction status) {
			return tell("rollback");
		}

	}

}
