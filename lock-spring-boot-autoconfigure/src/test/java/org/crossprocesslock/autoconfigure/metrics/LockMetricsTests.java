package org.crossprocesslock.autoconfigure.metrics;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockListener.Refusal;
import org.crossprocesslock.LockListener.Renewal;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockNames;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

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
import static org.mockito.Mockito.mock;

/**
 * Tests for the meters of locks and their auto-configuration.
 */
class LockMetricsTests {

	private static final LockRequest REQUEST = new LockRequest("the-key-itself", LockMode.EXCLUSIVE, Duration.ZERO,
			"orders", Duration.ZERO);

	private final ApplicationContextRunner contextRunner;

	private final ApplicationContextRunner withRegistry;

	private final ApplicationContextRunner withDatabase;

	private final MockClock clock = new MockClock();

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, this.clock);

	private final MicrometerLockListener listener = new MicrometerLockListener(new MeterFactory(this.registry, "jdbc"));

	LockMetricsTests(@TempDir Path directory) {
		this.contextRunner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, FencingAutoConfiguration.class,
					LockMetricsAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.file.directory=" + directory);
		this.withRegistry = this.contextRunner.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class));
		this.withDatabase = this.withRegistry.withConfiguration(
				AutoConfigurations.of(DataSourceAutoConfiguration.class, DataSourcePoolMetricsAutoConfiguration.class));
	}

	@ParameterizedTest
	@EnumSource
	void meterIsRegisteredAsDocumented(LockMeters documented) {
		this.withDatabase.run((context) -> {
			Collection<Meter> meters = context.getBean(SimpleMeterRegistry.class).get(documented.getName()).meters();
			assertThat(meters).isNotEmpty().allSatisfy((meter) -> {
				assertThat(meter.getId().getType()).isEqualTo(documented.getType());
				assertThat(meter.getId().getDescription()).isEqualTo(documented.getDescription());
				assertThat(meter.getId().getTags()).extracting(Tag::getKey)
					.containsExactlyInAnyOrderElementsOf(
							Arrays.stream(documented.getKeyNames()).map(KeyName::asString).toList());
			});
		});
	}

	@Test
	void severalRegistriesWithoutAPrimaryOneAreAllFed() {
		this.contextRunner.withBean("one", SimpleMeterRegistry.class)
			.withBean("another", SimpleMeterRegistry.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBeansOfType(SimpleMeterRegistry.class).values())
					.allSatisfy((each) -> assertThat(each.get(LockMeters.OPEN.getName()).gauge().value()).isOne());
			});
	}

	@Test
	void nothingIsRegisteredLater() {
		this.listener.expect("orders");
		Set<Meter> before = Set.copyOf(this.registry.getMeters());
		everythingHappens();
		assertThat(this.registry.getMeters()).containsExactlyInAnyOrderElementsOf(before);
	}

	@Test
	void everyOutcomeIsThereBeforeItHappens() {
		assertThat(outcomes(LockMeters.WAIT)).containsExactlyInAnyOrder("acquired", "busy", "timed-out", "abandoned",
				"failed");
		assertThat(outcomes(LockMeters.RENEWALS)).containsExactlyInAnyOrder("renewed", "gone", "failed");
		assertThat(this.registry.get("cross.process.lock.lost").counter().count()).isZero();
		assertThat(this.registry.get("cross.process.lock.leases.lost").counter().count()).isZero();
		assertThat(this.registry.get("cross.process.lock.events.dropped").counter().count()).isZero();
	}

	@Test
	void everyOutcomeIsCounted() {
		everythingHappens();
		assertThat(this.registry.get("cross.process.lock.wait").tag("name", "orders").timers()).hasSize(5)
			.allSatisfy((timer) -> assertThat(timer.count()).isEqualTo(1));
		assertThat(this.registry.get("cross.process.lock.renewals").counters()).hasSize(3)
			.allSatisfy((counter) -> assertThat(counter.count()).isEqualTo(1));
		assertThat(this.registry.get("cross.process.lock.lost").tag("name", "orders").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("cross.process.lock.leases.lost").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("cross.process.lock.events.dropped").counter().count()).isEqualTo(7);
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
	void timesAreRecorded() {
		this.listener.onRequested(REQUEST);
		this.listener.onAcquired(REQUEST, 1, Duration.ofSeconds(2));
		this.listener.onReleased(REQUEST, 1, Duration.ofSeconds(3));
		this.listener.onBackoff(Duration.ofSeconds(4));
		assertThat(this.registry.get("cross.process.lock.wait")
			.tags("name", "orders", "outcome", "acquired")
			.timer()
			.totalTime(TimeUnit.SECONDS)).isEqualTo(2);
		assertThat(
				this.registry.get("cross.process.lock.hold").tag("name", "orders").timer().totalTime(TimeUnit.SECONDS))
			.isEqualTo(3);
		assertThat(this.registry.get("cross.process.lock.backoff").timer().totalTime(TimeUnit.SECONDS)).isEqualTo(4);
	}

	@Test
	void whatGoesOnNowIsTimed() {
		this.listener.onRequested(REQUEST);
		this.listener.onRequested(REQUEST);
		this.clock.add(Duration.ofSeconds(5));
		assertThat(now("waiting").activeTasks()).isEqualTo(2);
		assertThat(now("waiting").max(TimeUnit.SECONDS)).isEqualTo(5);
		this.listener.onAcquired(REQUEST, 1, Duration.ofSeconds(5));
		assertThat(now("waiting").activeTasks()).isEqualTo(1);
		this.clock.add(Duration.ofSeconds(7));
		assertThat(now("held").activeTasks()).isEqualTo(1);
		assertThat(now("held").max(TimeUnit.SECONDS)).isEqualTo(7);
		this.listener.onRefused(REQUEST, Refusal.BUSY, Duration.ZERO);
		assertThat(now("waiting").activeTasks()).isZero();
		this.listener.onReleased(REQUEST, 1, Duration.ZERO);
		assertThat(now("held").activeTasks()).isZero();
		assertThat(now("held").max(TimeUnit.SECONDS)).isZero();
	}

	/** Not until its method has returned. */
	@Test
	void workThatGoesOnIsTimedUntilItIsDone() {
		this.withRegistry.withConfiguration(AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.backend=memory")
			.withBean(GoesOn.class)
			.run((context) -> {
				SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
				GoesOn bean = context.getBean(GoesOn.class);
				CompletableFuture<String> work = new CompletableFuture<>();
				CompletableFuture<String> stage = bean.stage(work);
				CompletableFuture<String> mono = bean.mono(Mono.fromFuture(work)).toFuture();
				for (String name : List.of("stage", "mono")) {
					await().untilAsserted(() -> assertThat(active(meters, "held", name)).isOne());
					assertThat(active(meters, "waiting", name)).isZero();
					assertThat(held(meters, name)).isZero();
				}
				CompletableFuture<String> waits = bean.waiting("mono-key").toFuture();
				await().untilAsserted(() -> assertThat(active(meters, "waiting", "waiting")).isOne());
				waits.cancel(true);
				await().untilAsserted(() -> assertThat(active(meters, "waiting", "waiting")).isZero());
				work.complete("done");
				assertThat(stage).succeedsWithin(Duration.ofMinutes(1));
				assertThat(mono).succeedsWithin(Duration.ofMinutes(1));
				for (String name : List.of("stage", "mono")) {
					await().untilAsserted(() -> assertThat(held(meters, name)).isOne());
					assertThat(active(meters, "held", name)).isZero();
				}
			});
	}

	private static int active(SimpleMeterRegistry meters, String what, String name) {
		LongTaskTimer timer = meters.find("cross.process.lock." + what).tag("name", name).longTaskTimer();
		return (timer != null) ? timer.activeTasks() : 0;
	}

	@Test
	void guardsThatShareATokenAreEachTimed() {
		LockRequest shared = REQUEST.withMode(LockMode.SHARED_IN_PROCESS);
		for (int i = 0; i < 3; i++) {
			this.listener.onRequested(shared);
			this.listener.onAcquired(shared, 1, Duration.ZERO);
		}
		this.listener.onReleased(shared, 1, Duration.ZERO);
		assertThat(now("held").activeTasks()).isEqualTo(2);
	}

	@Test
	void nothingIsHeldForEverBecauseItsReleaseWasMissed() {
		this.listener.onRequested(REQUEST);
		this.listener.onAcquired(REQUEST, 1, Duration.ZERO);
		this.listener.onRequested(REQUEST);
		this.listener.onDropped(1);
		assertThat(now("held").activeTasks()).isZero();
		assertThat(now("waiting").activeTasks()).isZero();
		this.listener.onReleased(REQUEST, 1, Duration.ZERO);
		assertThat(now("held").activeTasks()).isZero();
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
			await().until(() -> held(meters, "orders") == 1);
			Tags tags = Tags.of("name", "orders", "backend", backend);
			assertThat(meters.get("cross.process.lock.wait").tags(tags.and("outcome", "acquired")).timer().count())
				.isEqualTo(1);
			assertThat(meters.get("cross.process.lock.wait").tags(tags.and("outcome", "busy")).timer().count())
				.isEqualTo(1);
		});
	}

	@Test
	void databaseManagerIsMeasured() {
		this.withDatabase.run((context) -> {
			context.getBean(LockManager.class).lock("a", Duration.ofSeconds(10)).close();
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			await().until(() -> held(meters, LockRequest.UNNAMED) == 1);
			assertThat(meters.get("cross.process.lock.wait")
				.tags("backend", "jdbc", "outcome", "acquired", "name", LockRequest.UNNAMED)
				.timer()
				.count()).isEqualTo(1);
		});
	}

	@Test
	void leaseIsMeasured() {
		this.withDatabase.run((context) -> {
			context.getBean(LockManager.class).lock("a", Duration.ofSeconds(10)).close();
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			assertThat(meters.get("cross.process.lock.open").gauge().value()).isEqualTo(1);
			assertThat(seconds(meters, "cross.process.lock.lease.duration")).isEqualTo(10);
			assertThat(seconds(meters, "cross.process.lock.lease.renewal.age")).isBetween(0.0, 10.0).isNotZero();
			assertThat(meters.get("cross.process.lock.listening").gauge().value()).isZero();
			context.getBean(LockManager.class).close();
			assertThat(meters.get("cross.process.lock.open").gauge().value()).isZero();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void borrowedConnectionsAreTold(boolean own) {
		this.withDatabase.withPropertyValues("cross-process-lock.jdbc.own-connections=" + own).run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			Gauge gauge = context.getBean(SimpleMeterRegistry.class).get("cross.process.lock.connections.own").gauge();
			locks.lock("a", Duration.ofSeconds(10)).close();
			if (own) {
				// one that is not open in time is done without, until the next call
				await().until(() -> {
					locks.lock("a", Duration.ofSeconds(10)).close();
					return gauge.value() == 1;
				});
			}
			assertThat(gauge.value()).isEqualTo(own ? 1 : 0);
		});
	}

	@Test
	void nextContextWithTheSameRegistryIsMeasured() {
		ApplicationContextRunner shared = this.contextRunner.withPropertyValues("cross-process-lock.backend=memory")
			.withBean(MeterRegistry.class, () -> this.registry, (bean) -> bean.setDestroyMethodName(""));
		for (int i = 0; i < 2; i++) {
			shared.run((context) -> {
				assertThat(this.registry.get("cross.process.lock.open").gauge().value()).isOne();
				shared.run((another) -> assertThat(another).hasNotFailed());
				assertThat(this.registry.get("cross.process.lock.open").gauge().value())
					.as("of the one that was there before")
					.isOne();
				context.getBean(LockManager.class).close();
				assertThat(this.registry.get("cross.process.lock.open").gauge().value()).isZero();
			});
			assertThat(this.registry.find("cross.process.lock.open").meters()).isEmpty();
			assertThat(this.registry.find("cross.process.lock.commits").meters()).isEmpty();
		}
	}

	@Test
	void managerWithoutALeaseHasNoMetersOfOne() {
		this.withRegistry.run((context) -> {
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			assertThat(meters.get("cross.process.lock.open").gauge().value()).isEqualTo(1);
			assertThat(meters.find("cross.process.lock.lease.renewal.age").meters()).isEmpty();
			assertThat(meters.find("cross.process.lock.listening").meters()).isEmpty();
		});
	}

	@Test
	void metersOfNamesThatAreKnownAreThereFromTheStart() {
		this.withRegistry.withConfiguration(AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class))
			.withBean(Annotated.class)
			.withBean(LockNames.class, () -> () -> List.of("by-hand"))
			.run((context) -> assertThat(
					context.getBean(SimpleMeterRegistry.class).get("cross.process.lock.lost").counters())
				.extracting((counter) -> counter.getId().getTag("name"))
				.containsExactlyInAnyOrder("annotated", "by-hand", LockRequest.UNNAMED));
	}

	@Test
	void listenersOfTheApplicationHearAsWell() {
		Recording recording = new Recording();
		this.withRegistry.withBean(LockListener.class, () -> recording).run((context) -> {
			context.getBean(LockManager.class).lock("a", Duration.ZERO).close();
			SimpleMeterRegistry meters = context.getBean(SimpleMeterRegistry.class);
			await().until(() -> held(meters, LockRequest.UNNAMED) == 1);
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
			await().until(() -> held(meters, LockRequest.UNNAMED) == 1);
			assertThat(meters.get("cross.process.lock.waiting").longTaskTimer().activeTasks()).isZero();
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
	void managerThatAnswersNothingIsNotMeasured() {
		this.withRegistry.withBean(LockManager.class, () -> mock(LockManager.class, (call) -> null))
			.run((context) -> assertThat(
					context.getBean(SimpleMeterRegistry.class).find("cross.process.lock.open").meters())
				.isEmpty());
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
		this.listener.onDropped(7);
		this.listener.onBackoff(Duration.ZERO);
		Stream.of(Renewal.values()).forEach(this.listener::onRenewal);
		this.listener.onLeaseLost("test");
	}

	private List<String> outcomes(LockMeters meter) {
		Function<Meter, String> outcome = (registered) -> String.valueOf(registered.getId().getTag("outcome"));
		return this.registry.get(meter.getName()).meters().stream().map(outcome).toList();
	}

	private LongTaskTimer now(String what) {
		return this.registry.get("cross.process.lock." + what).tag("name", "orders").longTaskTimer();
	}

	private static double seconds(SimpleMeterRegistry meters, String name) {
		return meters.get(name).timeGauge().value(TimeUnit.SECONDS);
	}

	private static long held(SimpleMeterRegistry meters, String name) {
		Timer timer = meters.find("cross.process.lock.hold").tag("name", name).timer();
		return (timer != null) ? timer.count() : 0;
	}

	/** A bean with a lock. */
	static class Annotated {

		@CrossProcessLocked(key = "key", name = "annotated")
		void run() {
		}

	}

	/** A bean whose work goes on after its methods have returned. */
	static class GoesOn {

		@CrossProcessLocked(key = "stage-key", name = "stage")
		public CompletableFuture<String> stage(CompletableFuture<String> work) {
			return work;
		}

		@CrossProcessLocked(key = "mono-key", name = "mono")
		public Mono<String> mono(Mono<String> work) {
			return work;
		}

		@CrossProcessLocked(key = "#{#key}", name = "waiting", waitTime = "1m")
		public Mono<String> waiting(String key) {
			return Mono.just(key);
		}

	}

	private static final class Recording implements LockListener {

		private final List<String> keys = new CopyOnWriteArrayList<>();

		@Override
		public void onRequested(LockRequest request) {
			this.keys.add(request.key());
		}

	}

}
