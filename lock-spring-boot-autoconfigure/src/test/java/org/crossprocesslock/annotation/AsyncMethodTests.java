package org.crossprocesslock.annotation;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for methods that Spring runs on threads of its own, which take the lock.
 */
class AsyncMethodTests {

	private final MemoryLockManager locks = new MemoryLockManager();

	private final CountDownLatch finish = new CountDownLatch(1);

	private final CompletableFuture<String> work = new CompletableFuture<>();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> this.locks, (definition) -> definition.setDestroyMethodName(""))
		.withBean(TaskExecutor.class, () -> new SimpleAsyncTaskExecutor("async-"))
		.withBean(Jobs.class, JobsBean::new);

	private boolean isFree() {
		boolean[] free = { false };
		this.locks.tryLock("job").ifPresent((guard) -> {
			guard.close();
			free[0] = true;
		});
		return free[0];
	}

	private ApplicationContextRunner proxied(boolean byClass) {
		return byClass ? this.runner.withUserConfiguration(ByClass.class)
				: this.runner.withUserConfiguration(ByInterface.class)
					.withPropertyValues("spring.aop.proxy-target-class=false");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void callThatAnswersNothingHoldsTheLockUntilItsThreadIsDone(boolean byClass) {
		proxied(byClass).run((context) -> {
			Jobs jobs = context.getBean(Jobs.class);
			assertThat(AopUtils.isCglibProxy(jobs)).isEqualTo(byClass);
			jobs.run(this.finish);
			Soon.until(() -> !isFree());
			this.finish.countDown();
			Soon.until(this::isFree);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void callerOfABusyKeyDoesNotWait(boolean byClass) {
		proxied(byClass).run((context) -> {
			CompletableFuture<String> answer;
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				answer = context.getBean(Jobs.class).future(CompletableFuture.completedFuture("done"));
				assertThat(answer).isNotDone();
			}
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			Soon.until(this::isFree);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void futureOfTheMethodKeepsTheLockUntilItIsDone(boolean byClass) {
		proxied(byClass).run((context) -> {
			CompletableFuture<String> answer = context.getBean(Jobs.class).future(this.work);
			Soon.until(() -> !isFree());
			assertThat(answer).isNotDone();
			this.work.complete("done");
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			assertThat(isFree()).isTrue();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void futureThatNobodyIsToldAboutIsWaitedForByTheThread(boolean byClass) {
		proxied(byClass).run((context) -> {
			Future<String> answer = context.getBean(Jobs.class).plain(this.work);
			Soon.until(() -> !isFree());
			assertThat(answer.isDone()).isFalse();
			this.work.complete("done");
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			assertThat(isFree()).isTrue();
		});
	}

	@Test
	void lockIsKeptWhenTheThreadIsInterruptedBeforeTheWorkIsDone() {
		proxied(true).run((context) -> {
			Future<String> answer = context.getBean(Jobs.class).plain(this.work);
			Soon.until(() -> !isFree());
			answer.cancel(true);
			assertThat(isFree()).isFalse();
			this.work.complete("done");
			Soon.until(this::isFree);
		});
	}

	@Test
	void failedFutureReleases() {
		proxied(true).run((context) -> {
			Future<String> answer = context.getBean(Jobs.class).plain(this.work);
			this.work.completeExceptionally(new IllegalStateException("of the work"));
			assertThat(catchThrowable(() -> answer.get(30, TimeUnit.SECONDS))).rootCause().hasMessage("of the work");
			Soon.until(this::isFree);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void skippedCallAnswersAnEmptyOptionalWhateverItsFutureIs(boolean byClass) {
		proxied(byClass).run((context) -> {
			Jobs jobs = context.getBean(Jobs.class);
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThat(jobs.orSkip().get(30, TimeUnit.SECONDS)).isEmpty();
				assertThat(jobs.plainOrSkip().get(30, TimeUnit.SECONDS)).isEmpty();
			}
		});
	}

	@Test
	void adviceThatHandsTheCallOnUnderTheLockIsRefused() {
		this.runner.withUserConfiguration(TooEarly.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(LockedMethodException.class)
				.hasMessageContaining("it is @Async")
				.hasMessageContaining("Remove the order from @EnableAsync"));
	}

	@Test
	void futureOfAMethodThatNobodyRunsOnAnotherThreadIsRefused() {
		this.runner.run((context) -> assertThat(context).getFailure()
			.isInstanceOf(LockedMethodException.class)
			.hasMessageContaining("plain")
			.hasMessageContaining("or make it @Async"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(proxyTargetClass = true)
	static class ByClass {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class ByInterface {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(proxyTargetClass = true, order = Ordered.HIGHEST_PRECEDENCE)
	static class TooEarly {

	}

	interface Jobs {

		void run(CountDownLatch finish) throws InterruptedException;

		CompletableFuture<String> future(CompletableFuture<String> work);

		Future<String> plain(Future<String> work);

		CompletableFuture<Optional<String>> orSkip();

		Future<Optional<String>> plainOrSkip();

	}

	static class JobsBean implements Jobs {

		@Override
		@Async
		@CrossProcessLocked(key = "job", waitTime = "30s")
		public void run(CountDownLatch finish) throws InterruptedException {
			assertThat(finish.await(30, TimeUnit.SECONDS)).isTrue();
		}

		@Override
		@Async
		@CrossProcessLocked(key = "job", waitTime = "30s")
		public CompletableFuture<String> future(CompletableFuture<String> work) {
			return work;
		}

		@Override
		@Async
		@CrossProcessLocked(key = "job", waitTime = "30s")
		public Future<String> plain(Future<String> work) {
			return work;
		}

		@Override
		@Async
		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public CompletableFuture<Optional<String>> orSkip() {
			return CompletableFuture.completedFuture(Optional.of("done"));
		}

		@Override
		@Async
		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public Future<Optional<String>> plainOrSkip() {
			return CompletableFuture.completedFuture(Optional.of("done"));
		}

	}

}
