package org.crossprocesslock.annotation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for the observation of calls under a lock, and for the trace that it makes.
 */
class ObservationTests {

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final LockManager locks = new MemoryLockManager();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(Jobs.class);

	private final ApplicationContextRunner observed = this.runner.withBean(LockManager.class, () -> this.locks)
		.withBean(ObservationRegistry.class, () -> this.registry);

	@Test
	void callIsObservedWithItsNameAndOutcome() {
		this.observed.run((context) -> {
			context.getBean(Jobs.class).run(7, this::nothing);
			assertThat(this.registry).hasNumberOfObservationsEqualTo(1)
				.hasObservationWithNameEqualTo("cross.process.lock")
				.that()
				.hasContextualNameEqualTo("lock jobs")
				.hasOnlyKeys("name", "outcome")
				.hasLowCardinalityKeyValue("name", "jobs")
				.hasLowCardinalityKeyValue("outcome", "acquired")
				.doesNotHaveError()
				.hasBeenStarted()
				.hasBeenStopped();
		});
	}

	@Test
	void keyIsToldWhereItIsAskedFor() {
		this.observed.withPropertyValues("cross-process-lock.observation.include-key=true").run((context) -> {
			context.getBean(Jobs.class).run(7, this::nothing);
			assertThat(this.registry).hasSingleObservationThat().hasHighCardinalityKeyValue("key", "job-7");
		});
	}

	@Test
	void callThatFindsTheKeyBusyIsAnError() {
		this.observed.run((context) -> {
			try (LockGuard guard = this.locks.tryLock("job-7").orElseThrow()) {
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> context.getBean(Jobs.class).run(7, this::nothing));
			}
			assertThat(this.registry).hasSingleObservationThat()
				.hasLowCardinalityKeyValue("outcome", "busy")
				.thenError()
				.isInstanceOf(LockTimeoutException.class);
		});
	}

	@Test
	void errorDoesNotTellTheKey() {
		this.observed.run((context) -> {
			callWhileBusy(context.getBean(Jobs.class));
			assertThat(this.registry).hasSingleObservationThat()
				.thenError()
				.isInstanceOf(LockTimeoutException.class)
				.hasMessageContaining("Key '?' was busy")
				.hasStackTraceContaining("CrossProcessLockedInterceptor")
				.hasMessageNotContaining("job-7");
		});
	}

	@Test
	void errorTellsTheKeyWhereItIsAskedFor() {
		this.observed.withPropertyValues("cross-process-lock.observation.include-key=true").run((context) -> {
			callWhileBusy(context.getBean(Jobs.class));
			assertThat(this.registry).hasSingleObservationThat()
				.thenError()
				.hasMessageContaining("Key 'job-7' was busy");
		});
	}

	private void callWhileBusy(Jobs jobs) {
		try (LockGuard guard = this.locks.tryLock("job-7").orElseThrow()) {
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> jobs.run(7, this::nothing))
				.withMessageContaining("Key 'job-7'");
		}
	}

	@Test
	void callThatIsSkippedIsNone() {
		this.observed.run((context) -> {
			try (LockGuard guard = this.locks.tryLock("skipped").orElseThrow()) {
				context.getBean(Jobs.class).orSkip(this::nothing);
			}
			assertThat(this.registry).hasSingleObservationThat()
				.hasLowCardinalityKeyValue("outcome", "timed-out")
				.doesNotHaveError();
		});
	}

	@Test
	void failureOfTheMethodIsAnErrorUnderTheLock() {
		this.observed.run((context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Jobs.class).run(7, () -> {
				throw new IllegalStateException("of the method");
			}));
			assertThat(this.registry).hasSingleObservationThat()
				.hasLowCardinalityKeyValue("outcome", "acquired")
				.thenError()
				.hasMessage("of the method");
		});
	}

	@Test
	void callThatLostItsLockSaysSo() {
		LosableLockManager losable = new LosableLockManager();
		this.runner.withBean(LockManager.class, () -> losable)
			.withBean(ObservationRegistry.class, () -> this.registry)
			.run((context) -> {
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> context.getBean(Jobs.class).run(7, losable::loseAll));
				assertThat(this.registry).hasSingleObservationThat()
					.hasLowCardinalityKeyValue("outcome", "lost")
					.thenError()
					.isInstanceOf(LockLostException.class)
					.hasMessageContaining("Key '?'")
					.hasMessageNotContaining("job-7");
			});
	}

	@Test
	void callThatIsInterruptedWhileItWaitsIsAbandoned() {
		this.observed.run((context) -> {
			try (LockGuard guard = this.locks.tryLock("skipped").orElseThrow()) {
				Thread.currentThread().interrupt();
				assertThat(catchException(() -> context.getBean(Jobs.class).orSkip(this::nothing))).isNotNull();
				assertThat(Thread.interrupted()).isTrue();
			}
			assertThat(this.registry).hasSingleObservationThat()
				.hasLowCardinalityKeyValue("outcome", "abandoned")
				.thenError()
				.hasMessageNotContaining("skipped");
		});
	}

	@Test
	void callThatHasNotEndedHasNoOutcome() {
		MeterRegistry meters = new SimpleMeterRegistry();
		this.registry.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
		this.observed.run((context) -> context.getBean(Jobs.class)
			.run(7, () -> assertThat(meters.get("cross.process.lock.active").longTaskTimers()).singleElement()
				.satisfies((active) -> assertThat(active.getId().getTag("outcome")).isEqualTo("none"))));
		assertThat(meters.get("cross.process.lock").timer().getId().getTag("outcome")).isEqualTo("acquired");
		assertThat(meters.get("cross.process.lock.acquired").counter().getId().getTag("outcome")).isEqualTo("none");
		assertThat(meters.getMeters()).extracting((meter) -> meter.getId().getName())
			.containsExactlyInAnyOrder("cross.process.lock", "cross.process.lock.active",
					"cross.process.lock.acquired");
	}

	/** Cancelled between the grant of its lock and the word of it. */
	@Test
	void callThatEndsBeforeAnythingWasToldOfItIsAbandoned() {
		StaticListableBeanFactory beans = new StaticListableBeanFactory(Map.of("registry", this.registry));
		new MicrometerCallObserver(beans, () -> false).begin(LockRequest.of("key", Duration.ZERO)).end();
		assertThat(this.registry).hasSingleObservationThat()
			.hasLowCardinalityKeyValue("outcome", "abandoned")
			.hasBeenStopped();
	}

	@Test
	void stageIsObservedUntilItIsDone() {
		this.observed.run((context) -> {
			CompletableFuture<String> work = new CompletableFuture<>();
			CompletableFuture<String> answer = context.getBean(Jobs.class).stage(() -> {
				assertThat(this.registry.getCurrentObservation()).isNotNull();
				return work;
			});
			assertThat(this.registry.getCurrentObservation()).isNull();
			assertThat(this.registry).hasSingleObservationThat().isNotStopped();
			work.completeExceptionally(new IllegalStateException("of the work"));
			Soon.until(answer::isDone);
			assertThat(answer).isCompletedExceptionally();
			assertThat(this.registry).hasSingleObservationThat()
				.hasLowCardinalityKeyValue("outcome", "acquired")
				.hasBeenStopped()
				.thenError()
				.hasMessage("of the work");
		});
	}

	@Test
	void subscriptionIsObservedUntilItEndsInsideOfTheSubscribersObservation() {
		this.observed.run((context) -> {
			Observation outer = Observation.start("outer", this.registry);
			Sinks.One<String> work = Sinks.one();
			CountDownLatch begun = new CountDownLatch(1);
			List<Object> inside = new CopyOnWriteArrayList<>();
			CompletableFuture<String> answer = context.getBean(Jobs.class)
				.mono(() -> work.asMono().transformDeferredContextual((mono, view) -> {
					inside.add(view.get(ObservationThreadLocalAccessor.KEY));
					begun.countDown();
					return mono;
				}))
				.contextWrite((view) -> view.put(ObservationThreadLocalAccessor.KEY, outer))
				.toFuture();
			assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(this.registry.getCurrentObservation()).isNull();
			assertThat(this.registry).hasObservationWithNameEqualTo("cross.process.lock")
				.that()
				.isNotStopped()
				.hasParentObservationEqualTo(outer);
			assertThat(inside).singleElement().isNotSameAs(outer);
			work.tryEmitValue("done").orThrow();
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("done");
			assertThat(this.registry).hasObservationWithNameEqualTo("cross.process.lock")
				.that()
				.hasLowCardinalityKeyValue("outcome", "acquired")
				.hasBeenStopped()
				.doesNotHaveError();
			outer.stop();
		});
	}

	@Test
	void subscriptionThatIsCancelledWhileItWaitsIsAbandoned() {
		this.observed.run((context) -> {
			try (LockGuard guard = this.locks.tryLock("reactive").orElseThrow()) {
				context.getBean(Jobs.class).mono(Mono::never).subscribe().dispose();
			}
			assertThat(this.registry).hasSingleObservationThat()
				.hasLowCardinalityKeyValue("outcome", "abandoned")
				.hasBeenStopped()
				.doesNotHaveError();
		});
	}

	@Test
	void subscriptionThatLostItsLockSaysSo() {
		LosableLockManager losable = new LosableLockManager();
		this.runner.withBean(LockManager.class, () -> losable)
			.withBean(ObservationRegistry.class, () -> this.registry)
			.run((context) -> {
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> context.getBean(Jobs.class).mono(() -> {
						losable.loseAll();
						return Mono.never();
					}).block(Duration.ofSeconds(30)));
				assertThat(this.registry).hasSingleObservationThat()
					.hasLowCardinalityKeyValue("outcome", "lost")
					.hasBeenStopped();
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void brokenHandlerEndsAnAsynchronousCallAndItsLock(boolean whenAcquired) {
		ObservationRegistry broken = ObservationRegistry.create();
		broken.observationConfig().observationHandler(new Deaf() {

			@Override
			public void onEvent(Observation.Event event, Observation.Context context) {
				fail(whenAcquired);
			}

			@Override
			public void onStop(Observation.Context context) {
				fail(!whenAcquired);
			}

			private void fail(boolean now) {
				if (now) {
					throw new IllegalStateException("of the handler");
				}
			}

		});
		this.runner.withBean(LockManager.class, () -> this.locks)
			.withBean(ObservationRegistry.class, () -> broken)
			.run((context) -> {
				Jobs jobs = context.getBean(Jobs.class);
				assertThat(catchThrowable(
						() -> jobs.stage(() -> CompletableFuture.completedFuture("done")).get(30, TimeUnit.SECONDS)))
					.hasStackTraceContaining("of the handler");
				assertThat(
						catchThrowable(() -> jobs.mono(() -> Mono.just("done")).toFuture().get(30, TimeUnit.SECONDS)))
					.hasStackTraceContaining("of the handler");
				for (String key : List.of("stage", "reactive")) {
					CompletableFuture.runAsync(() -> this.locks.tryLock(key).orElseThrow().close())
						.get(30, TimeUnit.SECONDS);
				}
			});
	}

	@Test
	void conventionOfTheApplicationIsUsed() {
		this.observed.withBean(LockedCallObservationConvention.class, OwnConvention::new).run((context) -> {
			context.getBean(Jobs.class).run(7, this::nothing);
			assertThat(this.registry).hasSingleObservationThat()
				.hasNameEqualTo("own.name")
				.hasLowCardinalityKeyValue("team", "orders");
		});
	}

	@Test
	void traceTellsWaitingFromHoldingAndHasTheMethodsSpansAsChildren() {
		SimpleTracer tracer = new SimpleTracer();
		ObservationRegistry traced = ObservationRegistry.create();
		traced.observationConfig().observationHandler(new DefaultTracingObservationHandler(tracer));
		this.runner.withBean(LockManager.class, () -> this.locks)
			.withBean(ObservationRegistry.class, () -> traced)
			.run((context) -> context.getBean(Jobs.class)
				.run(7, () -> Observation.createNotStarted("insert", traced).observe(this::nothing)));
		List<SimpleSpan> spans = List.copyOf(tracer.getSpans());
		assertThat(spans).extracting(SimpleSpan::getName).containsExactly("lock jobs", "insert");
		SimpleSpan lock = spans.get(0);
		SimpleSpan insert = spans.get(1);
		assertThat(insert.getParentId()).isEqualTo(lock.getSpanId());
		assertThat(lock.getTags()).containsExactlyInAnyOrderEntriesOf(Map.of("name", "jobs", "outcome", "acquired"));
		assertThat(lock.getEvents()).singleElement().satisfies((event) -> {
			assertThat(event.getValue()).isEqualTo("lock acquired");
			assertThat(event.getKey()).isBetween(micros(lock.getStartTimestamp()), micros(insert.getStartTimestamp()));
		});
	}

	@Test
	void nothingIsMadeWhereNobodyListens() {
		List<Observation.Context> made = new CopyOnWriteArrayList<>();
		ObservationRegistry unheard = ObservationRegistry.create();
		unheard.observationConfig().observationPredicate((name, context) -> made.add(context));
		this.runner.withBean(LockManager.class, () -> this.locks)
			.withBean(ObservationRegistry.class, () -> unheard)
			.run((context) -> {
				context.getBean(Jobs.class).run(7, this::nothing);
				assertThat(made).isEmpty();
				unheard.observationConfig().observationHandler(new Deaf());
				context.getBean(Jobs.class).run(7, this::nothing);
				assertThat(made).hasSize(1);
			});
	}

	@Test
	void callThatAPredicateLeavesOutRunsAllTheSame() {
		this.registry.observationConfig().observationPredicate((name, context) -> false);
		this.observed.run((context) -> {
			context.getBean(Jobs.class).run(7, this::nothing);
			assertThat(this.registry).doesNotHaveAnyObservation();
		});
	}

	@Test
	void registryOfSpringBootIsUsed() {
		List<String> stopped = new CopyOnWriteArrayList<>();
		this.runner.withBean(LockManager.class, () -> this.locks)
			.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class))
			.withBean(ObservationHandler.class, () -> new Deaf() {

				@Override
				public void onStop(Observation.Context context) {
					stopped.add(Objects.requireNonNull(context.getName()));
				}

			})
			.run((context) -> {
				context.getBean(Jobs.class).run(7, this::nothing);
				assertThat(stopped).containsExactly("cross.process.lock");
			});
	}

	@Test
	void callsRunUnobservedWithoutARegistry() {
		this.runner.withBean(LockManager.class, () -> this.locks)
			.run((context) -> context.getBean(Jobs.class)
				.run(7, () -> assertThat(this.locks.tryLock("job-7")).isEmpty()));
	}

	@Test
	void callsRunUnobservedWithoutMicrometer() {
		this.runner.withBean(LockManager.class, () -> this.locks)
			.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(Jobs.class).run(7, () -> assertThat(this.locks.tryLock("job-7")).isEmpty());
			});
	}

	private void nothing() {
	}

	private static long micros(Instant instant) {
		return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + instant.getNano() / 1000;
	}

	private static Exception catchException(Runnable call) {
		try {
			call.run();
			throw new AssertionError("no exception");
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

	/** A bean with locks. */
	public static class Jobs {

		@CrossProcessLocked(key = "job-#{#number}", name = "jobs", waitTime = "0s")
		public void run(int number, Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "stage", name = "jobs")
		public CompletableFuture<String> stage(Supplier<CompletableFuture<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "reactive", name = "jobs")
		public Mono<String> mono(Supplier<Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "skipped", name = "jobs", waitTime = "1ms", onBusy = OnBusy.SKIP)
		public void orSkip(Runnable body) {
			body.run();
		}

	}

	private static final class OwnConvention extends DefaultLockedCallObservationConvention {

		@Override
		public String getName() {
			return "own.name";
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(LockedCallObservationContext context) {
			return super.getLowCardinalityKeyValues(context).and(KeyValue.of("team", "orders"));
		}

	}

	private static class Deaf implements ObservationHandler<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
