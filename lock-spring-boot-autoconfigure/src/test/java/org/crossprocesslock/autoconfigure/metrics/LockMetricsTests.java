package org.crossprocesslock.autoconfigure.metrics;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockListener.Refusal;
import org.crossprocesslock.LockListener.Renewal;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the meters of locks and their auto-configuration.
 */
class LockMetricsTests {

	private static final LockRequest REQUEST = new LockRequest("the-key-itself", LockMode.EXCLUSIVE, Duration.ZERO,
			"orders");

	private final ApplicationContextRunner contextRunner;

	private final ApplicationContextRunner withRegistry;

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final MicrometerLockListener listener = new MicrometerLockListener(this.registry, "jdbc");

	LockMetricsTests(@TempDir Path directory) {
		this.contextRunner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, LockMetricsAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.file.directory=" + directory);
		this.withRegistry = this.contextRunner.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class));
	}

	@ParameterizedTest
	@EnumSource
	void meterIsRegisteredAsDocumented(LockMeters documented) {
		everythingHappens();
		Collection<Meter> meters = this.registry.get(documented.getName()).meters();
		assertThat(meters).isNotEmpty().allSatisfy((meter) -> {
			assertThat(meter.getId().getType()).isEqualTo(documented.getType());
			assertThat(meter.getId().getDescription()).isEqualTo(documented.getDescription());
			if (documented.getType() != Meter.Type.TIMER) {
				assertThat(meter.getId().getBaseUnit()).isEqualTo(documented.getBaseUnit()).isNotBlank();
			}
			assertThat(meter.getId().getTags()).extracting(Tag::getKey)
				.containsExactlyInAnyOrderElementsOf(
						Arrays.stream(documented.getKeyNames()).map(KeyName::asString).toList());
		});
	}

	@Test
	void nothingIsRegisteredThatIsNotDocumented() {
		everythingHappens();
		Set<String> documented = Arrays.stream(LockMeters.values())
			.map(LockMeters::getName)
			.collect(Collectors.toSet());
		assertThat(this.registry.getMeters()).extracting((meter) -> meter.getId().getName()).isSubsetOf(documented);
	}

	@Test
	void keyIsNeverATag() {
		everythingHappens();
		assertThat(this.registry.getMeters()).flatExtracting((meter) -> meter.getId().getTags())
			.extracting(Tag::getValue)
			.doesNotContain(REQUEST.key())
			.contains("orders", "jdbc");
	}

	@Test
	void everyOutcomeOfARequestIsATag() {
		everythingHappens();
		assertThat(outcomes(LockMeters.WAIT)).containsExactlyInAnyOrder("acquired", "busy", "timed-out", "abandoned",
				"failed");
		assertThat(outcomes(LockMeters.RENEWALS)).containsExactlyInAnyOrder("renewed", "gone", "failed");
	}

	@Test
	void timesAreRecorded() {
		this.listener.onRequested(REQUEST);
		this.listener.onAcquired(REQUEST, 1, Duration.ofSeconds(2));
		this.listener.onReleased(REQUEST, 1, Duration.ofSeconds(3));
		this.listener.onBackoff(Duration.ofSeconds(4));
		assertThat(seconds(LockMeters.WAIT)).isEqualTo(2);
		assertThat(seconds(LockMeters.HOLD)).isEqualTo(3);
		assertThat(seconds(LockMeters.BACKOFF)).isEqualTo(4);
	}

	@Test
	void gaugesFollowRequests() {
		this.listener.onRequested(REQUEST);
		this.listener.onRequested(REQUEST);
		assertThat(gauges()).containsExactly(2.0, 0.0);
		this.listener.onAcquired(REQUEST, 1, Duration.ZERO);
		assertThat(gauges()).containsExactly(1.0, 1.0);
		this.listener.onRefused(REQUEST, Refusal.BUSY, Duration.ZERO);
		assertThat(gauges()).containsExactly(0.0, 1.0);
		this.listener.onReleased(REQUEST, 1, Duration.ZERO);
		assertThat(gauges()).containsExactly(0.0, 0.0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "memory" })
	void managerWithoutADatabaseIsMeasured(String backend) {
		this.withRegistry.withPropertyValues("cross-process-lock.backend=" + backend).run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			try (LockGuard guard = locks.lock(REQUEST)) {
				assertThat(locks.tryLock(REQUEST)).isEmpty();
			}
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			// the last that happens is the last that is measured
			await().until(() -> meters.find("cross.process.lock.hold").tags("name", "orders").timer() != null);
			assertThat(meters.get("cross.process.lock.wait")
				.tags("backend", backend, "outcome", "acquired")
				.timer()
				.count()).isEqualTo(1);
			assertThat(
					meters.get("cross.process.lock.wait").tags("backend", backend, "outcome", "busy").timer().count())
				.isEqualTo(1);
			assertThat(meters.get("cross.process.lock.hold").tags("name", "orders").timer().count()).isEqualTo(1);
		});
	}

	@Test
	void databaseManagerIsMeasured() {
		this.withRegistry
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DataSourcePoolMetricsAutoConfiguration.class))
			.run((context) -> {
				context.getBean(LockManager.class).lock("a", Duration.ofSeconds(10)).close();
				SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
				await().until(() -> meters.find("cross.process.lock.hold").timer() != null);
				assertThat(meters.get("cross.process.lock.wait")
					.tags("backend", "jdbc", "outcome", "acquired", "name", LockRequest.UNNAMED)
					.timer()
					.count()).isEqualTo(1);
			});
	}

	@Test
	void listenersOfTheApplicationHearAsWell() {
		Recording recording = new Recording();
		this.withRegistry.withBean(LockListener.class, () -> recording).run((context) -> {
			context.getBean(LockManager.class).lock("a", Duration.ZERO).close();
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			await().until(() -> meters.find("cross.process.lock.hold").timer() != null);
			assertThat(recording.keys).containsExactly("a");
		});
	}

	@Test
	void listenerThatFailsDoesNotSilenceTheOthers() {
		this.withRegistry.withBean(LockListener.class, () -> new LockListener() {

			@Override
			public void onRequested(LockRequest request) {
				throw new IllegalStateException("broken listener");
			}

		}).run((context) -> {
			context.getBean(LockManager.class).lock("a", Duration.ZERO).close();
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			await().until(() -> meters.find("cross.process.lock.hold").timer() != null);
			assertThat(meters.get("cross.process.lock.waiting").gauge().value()).isZero();
		});
	}

	@Test
	void managerOfTheApplicationIsCalledCustom() {
		this.withRegistry.withBean("own", MemoryLockManager.class, () -> new MemoryLockManager(new LockListener() {
		})).run((context) -> {
			context.getBean(LockListener.class).onLeaseLost("test");
			assertThat(context.getBean(SimpleMeterRegistry.class)
				.get("cross.process.lock.leases.lost")
				.tags("backend", "custom")
				.counter()
				.count()).isEqualTo(1);
		});
	}

	@Test
	void backsOffWithoutARegistry() {
		this.contextRunner
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(MicrometerLockListener.class));
	}

	@Test
	void backsOffWithoutMicrometer() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockListener.class));
	}

	@Test
	void backsOffWithoutLocks() {
		this.withRegistry.withPropertyValues("cross-process-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(MicrometerLockListener.class));
	}

	private void everythingHappens() {
		this.listener.onRequested(REQUEST);
		this.listener.onAcquired(REQUEST, 1, Duration.ZERO);
		this.listener.onLost(REQUEST, 1, "test");
		this.listener.onReleased(REQUEST, 1, Duration.ZERO);
		Stream.of(Refusal.values()).forEach((refusal) -> {
			this.listener.onRequested(REQUEST);
			this.listener.onRefused(REQUEST, refusal, Duration.ZERO);
		});
		this.listener.onBackoff(Duration.ZERO);
		Stream.of(Renewal.values()).forEach(this.listener::onRenewal);
		this.listener.onLeaseLost("test");
	}

	private List<String> outcomes(LockMeters meter) {
		Function<Meter, String> outcome = (registered) -> String.valueOf(registered.getId().getTag("outcome"));
		return this.registry.get(meter.getName()).meters().stream().map(outcome).toList();
	}

	private double seconds(LockMeters meter) {
		return this.registry.get(meter.getName()).timer().totalTime(TimeUnit.SECONDS);
	}

	private List<Double> gauges() {
		return List.of(this.registry.get("cross.process.lock.waiting").gauge().value(),
				this.registry.get("cross.process.lock.held").gauge().value());
	}

	private static final class Recording implements LockListener {

		private final List<String> keys = new CopyOnWriteArrayList<>();

		@Override
		public void onRequested(LockRequest request) {
			this.keys.add(request.key());
		}

	}

}
