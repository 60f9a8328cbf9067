package org.crossprocesslock.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.file.PidLockException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that locks last until the application's own work has ended, and end then.
 */
class LockShutdownTests {

	private static final String URL = "jdbc:h2:mem:shutdown;DB_CLOSE_DELAY=-1";

	private static final List<String> LAST_WORK = new CopyOnWriteArrayList<>();

	private final Path directory;

	private final ApplicationContextRunner contextRunner;

	LockShutdownTests(@TempDir Path directory) {
		this.directory = directory;
		this.contextRunner = new ApplicationContextRunner().withUserConfiguration(EarlyExecutor.class)
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class,
					CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + URL, "spring.datasource.username=sa",
					"cross-process-lock.file.directory=" + directory);
	}

	@BeforeEach
	void forget() {
		LAST_WORK.clear();
	}

	@ParameterizedTest
	@EnumSource
	void lifecycleStillHoldsItsLockWhenItStops(Kept kept) {
		with(kept).withBean(Lifecycle.class).run((context) -> locks(context, kept));
		assertThat(LAST_WORK).containsExactly("lifecycle held true");
		assertThat(isTaken(kept)).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void injectedManagerStillLocksWhenItsUserIsDestroyed(Kept kept) {
		with(kept).withBean(Injected.class).run((context) -> locks(context, kept));
		assertThat(LAST_WORK).containsExactly("destroyed held true");
		assertThat(isTaken(kept)).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void annotatedMethodStillLocksWhenItsCallerIsDestroyed(Kept kept) {
		with(kept).withUserConfiguration(CallerOfAnnotated.class).run((context) -> locks(context, kept));
		assertThat(LAST_WORK).containsExactly("annotated ran");
		assertThat(isTaken(kept)).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void taskThatOutlastsTheStopOfLifecyclesStillLocks(Kept kept) {
		with(kept).run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			SlowExecutor executor = context.getBean(SlowExecutor.class);
			CountDownLatch started = new CountDownLatch(1);
			executor.execute(() -> {
				started.countDown();
				try {
					executor.destroyed.await();
					try (LockGuard guard = locks.lock("task", Duration.ofSeconds(10))) {
						LAST_WORK.add("task held " + guard.isHeld());
					}
				}
				catch (InterruptedException | RuntimeException ex) {
					LAST_WORK.add(ex.toString());
				}
			});
			started.await();
		});
		assertThat(LAST_WORK).containsExactly("task held true");
		assertThat(isTaken(kept)).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void jobThatQuartzWaitsForStillLocks(Kept kept) {
		with(kept).withBean("quartz", SchedulerFactoryBean.class).run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			locks(context, kept);
			context.getBean(SchedulerFactoryBean.class).setJob(() -> {
				try (LockGuard guard = locks.tryLock("job").orElseThrow()) {
					LAST_WORK.add("job held " + guard.isHeld());
				}
			});
		});
		assertThat(LAST_WORK).containsExactly("job held true");
		assertThat(isTaken(kept)).isFalse();
	}

	private ApplicationContextRunner with(Kept kept) {
		return this.contextRunner.withPropertyValues("cross-process-lock.backend=" + kept);
	}

	private void locks(AssertableApplicationContext context, Kept kept) throws InterruptedException {
		context.getBean(LockManager.class).lock("first", Duration.ofSeconds(10)).close();
		assertThat(isTaken(kept)).isTrue();
	}

	private boolean isTaken(Kept kept) {
		return switch (kept) {
			case JDBC -> leases() > 0;
			case FILE -> isDirectoryTaken();
		};
	}

	private boolean isDirectoryTaken() {
		try (PidFileLockManager manager = PidFileLockManager.platformDefault(this.directory, new LockListener() {
		})) {
			return false;
		}
		catch (PidLockException.AlreadyHeld ex) {
			return true;
		}
	}

	private static Long leases() {
		return Objects.requireNonNull(new JdbcTemplate(new DriverManagerDataSource(URL, "sa", ""))
			.queryForObject("select count(*) from cross_process_lease", Long.class));
	}

	/** Where locks are kept that outlast their use. */
	enum Kept {

		JDBC, FILE

	}

	/** Created before the locks, so that it would be destroyed after them. */
	@Configuration(proxyBeanMethods = false)
	static class EarlyExecutor {

		@Bean
		SlowExecutor executor() {
			SlowExecutor executor = new SlowExecutor();
			executor.setWaitForTasksToCompleteOnShutdown(true);
			executor.setAwaitTerminationSeconds(20);
			return executor;
		}

		@Bean
		DefaultLifecycleProcessor lifecycleProcessor() {
			DefaultLifecycleProcessor processor = new DefaultLifecycleProcessor();
			processor.setTimeoutPerShutdownPhase(50);
			return processor;
		}

	}

	@SuppressWarnings("serial")
	static class SlowExecutor extends ThreadPoolTaskExecutor {

		private final transient CountDownLatch destroyed = new CountDownLatch(1);

		void awaitDestruction() {
			try {
				this.destroyed.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		@Override
		public void shutdown() {
			this.destroyed.countDown();
			super.shutdown();
		}

	}

	static class Lifecycle implements SmartLifecycle {

		private final LockGuard guard;

		private volatile boolean running;

		Lifecycle(LockManager locks) throws InterruptedException {
			this.guard = locks.lock("lifecycle", Duration.ofSeconds(10));
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			LAST_WORK.add("lifecycle held " + this.guard.isHeld());
			this.guard.close();
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	static class Injected implements DisposableBean {

		private final LockManager locks;

		Injected(LockManager locks) {
			this.locks = locks;
		}

		@Override
		public void destroy() throws Exception {
			try (LockGuard guard = this.locks.lock("destroyed", Duration.ofSeconds(10))) {
				LAST_WORK.add("destroyed held " + guard.isHeld());
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CallerOfAnnotated {

		@Bean
		Annotated annotated() {
			return new Annotated();
		}

		@Bean
		DisposableBean caller(Annotated annotated) {
			return annotated::run;
		}

	}

	static class Annotated {

		@CrossProcessLocked(key = "annotated")
		public void run() {
			LAST_WORK.add("annotated ran");
		}

	}

}
