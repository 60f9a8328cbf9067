package org.crossprocesslock.annotation;

import java.util.concurrent.TimeUnit;

import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Single;
import io.reactivex.rxjava3.observers.TestObserver;
import io.reactivex.rxjava3.processors.UnicastProcessor;
import io.reactivex.rxjava3.subjects.SingleSubject;
import io.reactivex.rxjava3.subscribers.TestSubscriber;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for methods that answer types of RxJava, which Spring adapts.
 */
class RxJavaCallTests {

	private final MemoryLockManager locks = new MemoryLockManager();

	private final SingleSubject<String> work = SingleSubject.create();

	private final UnicastProcessor<String> works = UnicastProcessor.create();

	private void run(JobsCheck check) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> this.locks)
			.withBean(Jobs.class)
			.run((context) -> {
				check.accept(context.getBean(Jobs.class));
				Soon.until(this::isFree);
			});
	}

	private boolean isFree() {
		return this.locks.tryLock("job").map((guard) -> {
			guard.close();
			return true;
		}).orElse(false);
	}

	@Test
	void lockIsHeldUntilTheSingleIsDone() {
		run((jobs) -> {
			TestObserver<String> call = jobs.single(this.work).test();
			Soon.until(this.work::hasObservers);
			assertThat(isFree()).isFalse();
			this.work.onSuccess("done");
			assertThat(call.await(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			call.assertResult("done");
		});
	}

	@Test
	void lockIsHeldUntilTheFlowableIsDone() {
		run((jobs) -> {
			TestSubscriber<String> call = jobs.flowable(this.works).test();
			this.works.onNext("first");
			call.awaitCount(1);
			assertThat(isFree()).isFalse();
			this.works.onComplete();
			assertThat(call.await(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			call.assertResult("first");
		});
	}

	@Test
	void cancelledFlowableFreesTheKey() {
		run((jobs) -> {
			TestSubscriber<String> call = jobs.flowable(this.works).test();
			this.works.onNext("first");
			call.awaitCount(1);
			call.cancel();
			Soon.until(() -> !this.works.hasSubscribers());
		});
	}

	/** What a test does with the bean. */
	interface JobsCheck {

		void accept(Jobs jobs) throws Exception;

	}

	/** Methods that answer types of RxJava. */
	static class Jobs {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Single<String> single(Single<String> work) {
			return work;
		}

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Flowable<String> flowable(Flowable<String> works) {
			return works;
		}

	}

}
