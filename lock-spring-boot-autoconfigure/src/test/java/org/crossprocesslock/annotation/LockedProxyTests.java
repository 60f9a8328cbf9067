package org.crossprocesslock.annotation;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.resilience.annotation.ConcurrencyLimit;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the place of the lock among other advice, and for the kinds of proxies.
 */
class LockedProxyTests {

	private final LosableLockManager locks = new LosableLockManager();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> this.locks)
		.withBean(Work.class);

	@Test
	void lockIsTakenWithoutAspectJ() {
		isLocked(this.contextRunner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.aspectj")));
	}

	@Test
	void lockIsTakenBesideAspects() {
		isLocked(this.contextRunner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class)));
	}

	@Test
	void lockIsTakenWithoutAopAutoConfiguration() {
		isLocked(this.contextRunner);
	}

	@Test
	void lockIsTakenWhereAopAutoConfigurationIsSwitchedOff() {
		isLocked(this.contextRunner.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
			.withPropertyValues("spring.aop.auto=false"));
	}

	@Test
	void lockIsTakenWithoutTransactionClasses() {
		isLocked(this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.transaction")));
	}

	private void isLocked(ApplicationContextRunner runner) {
		runner.run((context) -> {
			Work work = context.getBean(Work.class);
			assertThat(AopUtils.isCglibProxy(work)).isTrue();
			work.run();
			assertThat(this.locks.events).containsExactly("acquire work", "release work");
		});
	}

	@Test
	void beansAreProxiedByInterfaceWhereThatIsAskedFor() {
		this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false").run((context) -> {
			Runnable work = context.getBean(Runnable.class);
			assertThat(AopUtils.isJdkDynamicProxy(work)).isTrue();
			work.run();
			assertThat(this.locks.events).containsExactly("acquire work", "release work");
		});
	}

	@Test
	void beanThatIsAProxyItselfIsLocked() {
		this.contextRunner.withBean(Remote.class,
				() -> (Remote) Proxy.newProxyInstance(Remote.class.getClassLoader(), new Class<?>[] { Remote.class },
						(proxy, method, args) -> method.getName().equals("hashCode") ? System.identityHashCode(proxy)
								: "answer"))
			.run((context) -> {
				assertThat(context.getBean(Remote.class).ask("x")).isEqualTo("answer");
				assertThat(this.locks.events).containsExactly("acquire remote-x", "release remote-x");
			});
	}

	/** Or there would be new meters with each start. */
	@Test
	void lockOfAProxyOrALambdaIsNamedByItsInterface() {
		this.contextRunner.withBean(Remote.class,
				() -> (Remote) Proxy.newProxyInstance(Remote.class.getClassLoader(), new Class<?>[] { Remote.class },
						(proxy, method, args) -> method.getName().equals("hashCode") ? System.identityHashCode(proxy)
								: "answer"))
			.withBean(Task.class, () -> () -> {
			})
			.run((context) -> {
				context.getBean(Remote.class).ask("x");
				context.getBean(Task.class).execute();
				assertThat(this.locks.events).contains("acquire remote-x", "acquire task");
				assertThat(context.getBean(LockedMethodDescriptions.class).all())
					.extracting(LockedMethodDescription::name)
					.contains("LockedProxyTests.Remote.ask", "LockedProxyTests.Task.execute");
				assertThat(context.getBean(LockedMethodDescriptions.class).all())
					.extracting(LockedMethodDescription::method)
					.contains(Remote.class.getName() + ".ask(String)", Task.class.getName() + ".execute()");
			});
	}

	@Test
	void beanWithoutAnnotationIsNotProxied() {
		this.contextRunner.withBean(Object.class, Object::new, (definition) -> {
		}).run((context) -> assertThat(context.getBeansOfType(Advised.class)).hasSize(1));
	}

	@Test
	void lockIsHeldWhileTheAsynchronousPartRuns() {
		this.contextRunner.withUserConfiguration(Asynchronous.class).run((context) -> {
			AsyncWork work = context.getBean(AsyncWork.class);
			try (LockGuard guard = this.locks.lock("other", Duration.ZERO)) {
				work.run();
				assertThat(work.started().await(10, TimeUnit.SECONDS)).isTrue();
				assertThat(this.locks.events).containsExactly("acquire other", "acquire async");
				work.finish().countDown();
			}
			assertThat(work.thread()).isNotEqualTo(Thread.currentThread().getName());
			context.getBean(SimpleAsyncTaskExecutor.class).close();
			assertThat(this.locks.events).contains("release async");
		});
	}

	@Test
	void everyRetryTakesTheLockAnew() {
		this.contextRunner.withUserConfiguration(Resilient.class).run((context) -> {
			context.getBean(Resilient.Flaky.class).run();
			assertThat(this.locks.events).containsExactly("acquire flaky", "release flaky", "acquire flaky",
					"release flaky");
		});
	}

	interface Remote {

		@CrossProcessLocked(key = "remote-#{#question}")
		String ask(String question);

	}

	/** Implemented by a lambda. */
	public interface Task {

		@CrossProcessLocked(key = "task")
		void execute();

	}

	/** Public, since the class loader of its proxy may be another. */
	public static class Work implements Runnable {

		@Override
		@CrossProcessLocked(key = "work")
		public void run() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(proxyTargetClass = true)
	static class Asynchronous {

		@Bean
		TaskExecutor taskExecutor() {
			SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("async-");
			executor.setTaskTerminationTimeout(10_000);
			return executor;
		}

		@Bean
		AsyncWork asyncWork() {
			return new AsyncWork();
		}

	}

	static class AsyncWork {

		private final CountDownLatch started = new CountDownLatch(1);

		private final CountDownLatch finish = new CountDownLatch(1);

		private final List<String> threads = new CopyOnWriteArrayList<>();

		@Async
		@CrossProcessLocked(key = "async")
		public void run() throws InterruptedException {
			this.threads.add(Thread.currentThread().getName());
			this.started.countDown();
			this.finish.await(10, TimeUnit.SECONDS);
		}

		CountDownLatch started() {
			return this.started;
		}

		CountDownLatch finish() {
			return this.finish;
		}

		String thread() {
			return this.threads.get(0);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods(proxyTargetClass = true)
	static class Resilient {

		@Bean
		Flaky flaky() {
			return new Flaky();
		}

		static class Flaky {

			private final AtomicInteger calls = new AtomicInteger();

			@Retryable(maxRetries = 2, delay = 1)
			@ConcurrencyLimit(1)
			@CrossProcessLocked(key = "flaky")
			public void run() {
				if (this.calls.incrementAndGet() == 1) {
					throw new IllegalStateException("the first time");
				}
			}

		}

	}

}
