package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the event of a lost lock, and for what is logged about it.
 */
@ExtendWith(OutputCaptureExtension.class)
class LockLostEventTests {

	private final DataSource dataSource = new DriverManagerDataSource(
			"jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

	private final Heard heard = new Heard();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class))
		.withBean(DataSource.class, () -> this.dataSource)
		.withBean(Heard.class, () -> this.heard)
		// soon told of a loss, and not lost because the machine stands still
		.withPropertyValues("cross-process-lock.jdbc.lease.duration=60s",
				"cross-process-lock.jdbc.lease.renew-interval=200ms", "cross-process-lock.required-reach=threads");

	@Test
	void eventAndOneWarningTellWhatIsLost(CapturedOutput output) {
		this.runner.run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			LockGuard guard = locks.lock(LockRequest.of("stock-1", Duration.ZERO).withName("stock"));
			new JdbcTemplate(this.dataSource).update("delete from cross_process_lease");
			await().until(() -> !this.heard.events.isEmpty());
			assertThat(this.heard.events).singleElement().satisfies((event) -> {
				assertThat(event.key()).isEqualTo("stock-1");
				assertThat(event.name()).isEqualTo("stock");
				assertThat(event.fencingToken()).isEqualTo(guard.fencingToken());
				assertThat(event.reason())
					.startsWith("its lease was ended by another process or an operator (last renewal ");
			});
			assertThat(this.heard.threads).allMatch((name) -> name.startsWith("cross-process-lock-events-"));
			await().until(() -> output.toString().contains(" is lost: "));
			assertThat(output).containsOnlyOnce(" is lost: ")
				.contains("last renewal ")
				.contains("Lost with it: 'stock-1' (fencing token " + guard.fencingToken() + ")")
				.contains("Look for long pauses of this process");
		});
	}

	@Test
	void shutdownIsNoLoss(CapturedOutput output) {
		this.runner.run((context) -> assertThat(context.getBean(LockManager.class).tryLock("stock-1")).isPresent());
		assertThat(this.heard.events).isEmpty();
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void lossDuringTheShutdownIsTold() {
		this.runner.withBean(LosesWhenItStops.class).run((context) -> {
		});
		assertThat(this.heard.events).extracting(LockLostEvent::key).containsExactly("stock-1");
	}

	@Test
	void lossWhileAnExecutorWaitsForItsTasksIsTold() {
		this.runner.withUserConfiguration(LockShutdownTests.EarlyExecutor.class).run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			LockShutdownTests.SlowExecutor executor = context.getBean(LockShutdownTests.SlowExecutor.class);
			CountDownLatch started = new CountDownLatch(1);
			executor.execute(() -> {
				LockGuard guard = locks.tryLock("stock-1").orElseThrow();
				started.countDown();
				executor.awaitDestruction();
				lose(guard);
			});
			started.await();
		});
		assertThat(this.heard.events).extracting(LockLostEvent::key).containsExactly("stock-1");
	}

	@Test
	void lossWhileAUserOfTheManagerIsDestroyedIsTold() {
		this.runner.withUserConfiguration(EarlyUser.class)
			.withBean(LockLostEventTests.class, () -> this)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(this.heard.events).extracting(LockLostEvent::key).containsExactly("stock-1");
	}

	private void lose(LockGuard guard) {
		new JdbcTemplate(this.dataSource).update("delete from cross_process_lease");
		await().until(() -> !guard.isHeld() && !this.heard.events.isEmpty());
	}

	/** Made before the auto-configured beans. */
	@Configuration(proxyBeanMethods = false)
	static class EarlyUser {

		@Bean
		DisposableBean user(LockManager locks, LockLostEventTests test) {
			return () -> test.lose(locks.tryLock("stock-1").orElseThrow());
		}

	}

	/** Work that goes on when the shutdown has begun. */
	static final class LosesWhenItStops implements SmartLifecycle {

		private final DataSource dataSource;

		private final Heard heard;

		private final LockGuard guard;

		private volatile boolean running;

		LosesWhenItStops(LockManager locks, DataSource dataSource, Heard heard) {
			this.dataSource = dataSource;
			this.heard = heard;
			this.guard = locks.tryLock("stock-1").orElseThrow();
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			new JdbcTemplate(this.dataSource).update("delete from cross_process_lease");
			await().until(() -> !this.guard.isHeld() && !this.heard.events.isEmpty());
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	/** Hears of losses. */
	static final class Heard {

		final List<LockLostEvent> events = new CopyOnWriteArrayList<>();

		final List<String> threads = new CopyOnWriteArrayList<>();

		@EventListener
		void lost(LockLostEvent event) {
			this.threads.add(Thread.currentThread().getName());
			this.events.add(event);
		}

	}

}
