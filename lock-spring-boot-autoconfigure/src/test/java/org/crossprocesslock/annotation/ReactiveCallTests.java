package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for methods that answer a publisher, each of whose subscriptions runs under the
 * lock.
 */
class ReactiveCallTests {

	private static final Duration LIMIT = Soon.LIMIT;

	private final MemoryLockManager locks = new MemoryLockManager();

	private final Sinks.One<String> work = Sinks.one();

	private final Sinks.Many<String> works = Sinks.many().unicast().onBackpressureBuffer();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> this.locks, (definition) -> definition.setDestroyMethodName(""))
		.withBean(Jobs.class);

	private void run(JobsCheck check) {
		this.runner.run((context) -> {
			check.accept(context.getBean(Jobs.class));
			assertThat(isFree()).isTrue();
		});
	}

	private void withLosable(LosableLockManager losable, JobsCheck check) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> losable)
			.withBean(Jobs.class)
			.run((context) -> check.accept(context.getBean(Jobs.class)));
	}

	private boolean isFree() {
		Optional<LockGuard> guard = this.locks.tryLock("job");
		guard.ifPresent(LockGuard::close);
		return guard.isPresent();
	}

	private void untilHeld() {
		Soon.until(() -> !isFree());
	}

	private void untilFree() {
		Soon.until(this::isFree);
	}

	private void untilWaitedFor() {
		Soon.until(() -> this.locks.inspection().orElseThrow().report(0).requests() > 0);
	}

	@Test
	void nothingIsDoneBeforeTheSubscription() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			AtomicInteger calls = new AtomicInteger();
			Mono<Integer> answer = jobs.counted(() -> Mono.just(calls.incrementAndGet()));
			assertThat(calls).hasValue(0);
			assertThat(losable.events).isEmpty();
			assertThat(answer.block(LIMIT)).isEqualTo(1);
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	@Test
	void lockIsHeldUntilTheMonoIsDoneAndReleasedBeforeItsValueIsSeen() throws Exception {
		run((jobs) -> {
			CompletableFuture<Boolean> free = jobs.mono(() -> this.work.asMono()).map((value) -> isFree()).toFuture();
			untilHeld();
			assertThat(free).isNotDone();
			this.work.tryEmitValue("done").orThrow();
			assertThat(free.get(30, TimeUnit.SECONDS)).isTrue();
		});
	}

	@Test
	void lockIsHeldUntilTheFluxIsDoneAndReleasedBeforeItsEndIsSeen() {
		run((jobs) -> {
			List<Boolean> freeAtEach = new CopyOnWriteArrayList<>();
			CompletableFuture<Boolean> freeAtEnd = new CompletableFuture<>();
			jobs.flux(() -> Flux.just(1, 2))
				.subscribe((value) -> freeAtEach.add(isFree()), freeAtEnd::completeExceptionally,
						() -> freeAtEnd.complete(isFree()));
			assertThat(freeAtEnd.get(30, TimeUnit.SECONDS)).isTrue();
			assertThat(freeAtEach).containsExactly(false, false);
		});
	}

	@Test
	void methodItselfRunsUnderTheLock() {
		run((jobs) -> assertThat(jobs.mono(() -> Mono.just("free: " + isFree())).block(LIMIT))
			.isEqualTo("free: false"));
	}

	@Test
	void subscriberIsNeverBlocked() {
		run((jobs) -> {
			LockGuard guard = this.locks.tryLock("job").orElseThrow();
			CompletableFuture<String> answer = new CompletableFuture<>();
			Schedulers.parallel()
				.schedule(() -> jobs.patient(() -> Mono.just("done"))
					.subscribe(answer::complete, answer::completeExceptionally));
			untilWaitedFor();
			assertThat(Mono.fromCallable(() -> "other").subscribeOn(Schedulers.parallel()).block(LIMIT))
				.isEqualTo("other");
			guard.close();
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("done");
		});
	}

	@Test
	void everySubscriptionTakesTheLockAndRunsTheMethod() {
		run((jobs) -> {
			AtomicInteger calls = new AtomicInteger();
			Mono<String> answer = jobs.mono(() -> Mono.just("call " + calls.incrementAndGet()));
			assertThat(answer.block(LIMIT)).isEqualTo("call 1");
			assertThat(answer.block(LIMIT)).isEqualTo("call 2");
		});
	}

	@Test
	void subscribersOfOneCallExcludeEachOther() {
		run((jobs) -> {
			AtomicInteger inside = new AtomicInteger();
			Mono<Integer> answer = jobs.counted(() -> Mono.fromCallable(inside::incrementAndGet)
				.delayElement(Duration.ofMillis(1))
				.doOnNext((count) -> inside.decrementAndGet()));
			List<Integer> counts = Flux.range(0, 50).flatMap((index) -> answer).collectList().block(LIMIT);
			assertThat(counts).hasSize(50).containsOnly(1);
		});
	}

	@Test
	void failureIsToldAfterTheRelease() {
		run((jobs) -> {
			IllegalStateException failure = new IllegalStateException("of the work");
			List<Boolean> free = new ArrayList<>();
			assertThatIllegalStateException()
				.isThrownBy(
						() -> jobs.mono(() -> Mono.error(failure)).doOnError((ex) -> free.add(isFree())).block(LIMIT))
				.isSameAs(failure);
			assertThat(free).containsExactly(true);
		});
	}

	@Test
	void exceptionOfTheMethodItselfIsAnErrorOfTheSubscription() {
		run((jobs) -> {
			Mono<String> answer = jobs.mono(() -> {
				throw new IllegalStateException("before");
			});
			assertThatIllegalStateException().isThrownBy(() -> answer.block(LIMIT)).withMessage("before");
		});
	}

	@Test
	void nullInsteadOfAPublisherIsAnError() {
		run((jobs) -> assertThatIllegalStateException().isThrownBy(() -> jobs.mono(() -> null).block(LIMIT))
			.withMessageContaining("mono has returned null instead of a Mono"));
	}

	@Test
	void cancellingReleases() {
		run((jobs) -> {
			CountDownLatch begun = new CountDownLatch(1);
			CountDownLatch cancelled = new CountDownLatch(1);
			Disposable running = jobs
				.mono(() -> this.work.asMono()
					.doOnSubscribe((subscription) -> begun.countDown())
					.doOnCancel(cancelled::countDown))
				.subscribe();
			assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(isFree()).isFalse();
			running.dispose();
			assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
			untilFree();
		});
	}

	@Test
	void timeLimitReleases() {
		run((jobs) -> {
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> jobs.mono(() -> this.work.asMono()).timeout(Duration.ofMillis(50)).block(LIMIT))
				.withCauseInstanceOf(TimeoutException.class);
			untilFree();
		});
	}

	@Test
	void fluxThatIsTakenFromOnlyPartlyIsReleased() {
		run((jobs) -> {
			assertThat(jobs.flux(() -> Flux.range(1, 100)).take(2).collectList().block(LIMIT)).containsExactly(1, 2);
			untilFree();
		});
	}

	@Test
	void fluxHeedsBackpressure() {
		run((jobs) -> {
			List<Integer> seen = new CopyOnWriteArrayList<>();
			AtomicInteger made = new AtomicInteger();
			BaseSubscriber<Integer> subscriber = new BaseSubscriber<>() {

				@Override
				protected void hookOnSubscribe(Subscription subscription) {
					subscription.request(2);
				}

				@Override
				protected void hookOnNext(Integer value) {
					seen.add(value);
				}

			};
			jobs.flux(() -> Flux.range(1, 100).doOnNext((value) -> made.incrementAndGet())).subscribe(subscriber);
			Soon.until(() -> seen.size() == 2);
			assertThat(made).hasValue(2);
			assertThat(isFree()).isFalse();
			subscriber.cancel();
			untilFree();
		});
	}

	@Test
	void cancelledWaitIsGivenUp() {
		run((jobs) -> {
			AtomicInteger calls = new AtomicInteger();
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				Disposable waiting = jobs.patient(() -> Mono.fromCallable(calls::incrementAndGet).map(String::valueOf))
					.subscribe();
				untilWaitedFor();
				waiting.dispose();
				Soon.until(() -> this.locks.inspection().orElseThrow().report(0).requests() == 0);
			}
			assertThat(calls).hasValue(0);
		});
	}

	@Test
	void nothingIsHeldHoweverACancellationMeetsTheGrant() {
		run((jobs) -> {
			for (int i = 0; i < 300; i++) {
				LockGuard guard = this.locks.tryLock("job").orElseThrow();
				Disposable waiting = jobs.patient(() -> this.work.asMono()).subscribe();
				CompletableFuture<Void> closer = CompletableFuture.runAsync(guard::close);
				waiting.dispose();
				closer.get(30, TimeUnit.SECONDS);
				untilFree();
			}
		});
	}

	@Test
	void itIsReleasedOnceHoweverACancellationMeetsTheEnd() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			for (int i = 0; i < 300; i++) {
				losable.events.clear();
				Sinks.One<String> running = Sinks.one();
				CountDownLatch begun = new CountDownLatch(1);
				Disposable call = jobs.mono(() -> running.asMono().doOnSubscribe((subscription) -> begun.countDown()))
					.subscribe();
				assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
				CompletableFuture<Void> end = CompletableFuture.runAsync(() -> running.tryEmitValue("done"));
				call.dispose();
				end.get(30, TimeUnit.SECONDS);
				Soon.until(() -> losable.events.contains("release job"));
				assertThat(losable.events).containsExactly("acquire job", "release job");
			}
		});
	}

	@Test
	void itIsReleasedOnceHoweverALossMeetsTheEnd() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			for (int i = 0; i < 300; i++) {
				losable.events.clear();
				Sinks.One<String> running = Sinks.one();
				CountDownLatch begun = new CountDownLatch(1);
				CompletableFuture<String> call = jobs
					.mono(() -> running.asMono().doOnSubscribe((subscription) -> begun.countDown()))
					.toFuture();
				assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
				CompletableFuture<Void> loser = CompletableFuture.runAsync(losable::loseAll);
				running.tryEmitValue("done");
				loser.get(30, TimeUnit.SECONDS);
				Throwable failure = call.handle((value, ex) -> ex).get(30, TimeUnit.SECONDS);
				if (failure != null) {
					assertThat(failure).isInstanceOf(LockLostException.class);
				}
				Soon.until(() -> losable.events.contains("release job"));
				assertThat(losable.events).containsExactly("acquire job", "release job");
			}
		});
	}

	@Test
	void lostLockEndsTheMonoAndCancelsWhatItDoes() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			CountDownLatch begun = new CountDownLatch(1);
			CountDownLatch cancelled = new CountDownLatch(1);
			CompletableFuture<String> answer = jobs
				.mono(() -> this.work.asMono()
					.doOnSubscribe((subscription) -> begun.countDown())
					.doOnCancel(cancelled::countDown))
				.toFuture();
			assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
			losable.loseAll();
			assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
				.havingCause()
				.isInstanceOf(LockLostException.class);
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	@Test
	void lostLockEndsTheFluxAndCancelsWhatItDoes() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			List<String> seen = new CopyOnWriteArrayList<>();
			CompletableFuture<Throwable> end = new CompletableFuture<>();
			CountDownLatch cancelled = new CountDownLatch(1);
			jobs.strings(() -> this.works.asFlux().doOnCancel(cancelled::countDown)).subscribe((value) -> {
				seen.add(value);
				losable.loseAll();
			}, end::complete, () -> end.cancel(true));
			this.works.tryEmitNext("first").orThrow();
			assertThat(end.get(30, TimeUnit.SECONDS)).isInstanceOf(LockLostException.class);
			assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(seen).containsExactly("first");
		});
	}

	@Test
	void closingTheManagerEndsTheSubscription() {
		this.runner.run((context) -> {
			CompletableFuture<String> answer = context.getBean(Jobs.class).mono(() -> this.work.asMono()).toFuture();
			untilHeld();
			this.locks.close();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
				.havingCause()
				.isInstanceOf(LockLostException.class);
		});
	}

	@Test
	void closedManagerIsAnErrorOfTheSubscription() {
		this.runner.run((context) -> {
			this.locks.close();
			Mono<String> answer = context.getBean(Jobs.class).mono(() -> Mono.just("done"));
			assertThatIllegalStateException().isThrownBy(() -> answer.block(LIMIT)).withMessageContaining("closed");
		});
	}

	@Test
	void keyIsHeldAtLeastForItsTime() {
		run((jobs) -> {
			assertThat(jobs.keeping(() -> Mono.just("done")).block(LIMIT)).isEqualTo("done");
			assertThat(this.locks.tryLock("kept-mono")).isEmpty();
			LockInspection inspection = this.locks.inspection().orElseThrow();
			long token = inspection.report("kept-mono").held().get(0).token();
			assertThat(inspection.release("kept-mono", token)).isTrue();
			this.locks.tryLock("kept-mono").orElseThrow().close();
		});
	}

	@Test
	void busyKeyIsAnError() {
		run((jobs) -> {
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> jobs.mono(() -> Mono.just("done")).block(LIMIT));
			}
		});
	}

	@Test
	void skippedSubscriptionIsEmpty() {
		run((jobs) -> {
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThat(jobs.orSkip(() -> Mono.just("done")).blockOptional(LIMIT)).isEmpty();
			}
			assertThat(jobs.orSkip(() -> Mono.just("done")).block(LIMIT)).isEqualTo("done");
		});
	}

	@Test
	void badKeyIsThrownByTheCall() {
		run((jobs) -> assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> jobs.withKey("a b"))
			.withMessageContaining("withKey"));
	}

	@Test
	void nestedSubscriptionRunsUnderTheLockThatIsThere() {
		run((jobs) -> assertThat(jobs
			.mono(() -> jobs.mono(() -> Mono.just("free: " + isFree()))
				.subscribeOn(Schedulers.parallel())
				.flatMap((inner) -> jobs.mono(() -> Mono.just(inner + ", again: " + isFree()))))
			.block(LIMIT)).isEqualTo("free: false, again: false"));
	}

	@Test
	void whatFollowsTheMethodIsNotInsideOfIt() {
		run((jobs) -> assertThat(jobs.mono(() -> Mono.just("first"))
			.flatMap((first) -> jobs.mono(() -> Mono.just(first + ", second")))
			.block(LIMIT)).isEqualTo("first, second"));
	}

	@Test
	void nestedWorkThatLastsLongerKeepsTheLock() {
		run((jobs) -> {
			CountDownLatch begun = new CountDownLatch(1);
			assertThat(jobs.mono(() -> Mono.deferContextual((context) -> {
				var unused = jobs.mono(() -> this.work.asMono().doOnSubscribe((subscription) -> begun.countDown()))
					.contextWrite(context)
					.subscribe();
				return Mono.just("outer");
			})).block(LIMIT)).isEqualTo("outer");
			assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(isFree()).isFalse();
			this.work.tryEmitValue("inner").orThrow();
			untilFree();
		});
	}

	@Test
	void exclusiveInsideOfSharedIsRefused() {
		run((jobs) -> assertThatIllegalStateException()
			.isThrownBy(() -> jobs.shared(() -> jobs.mono(() -> Mono.just("done"))).block(LIMIT))
			.withMessageContaining("wait for itself"));
	}

	@Test
	void nestedSubscriptionUnderALostLockIsAnError() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable,
				(jobs) -> assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> jobs.mono(() -> {
					losable.loseAll();
					return jobs.mono(() -> Mono.just("done"));
				}).block(LIMIT)));
	}

	/** A stream may live for days, and join its own lock for each of its values. */
	@Test
	void nestedWorkThatIsDoneLeavesNothingWithTheGuard() {
		AtomicInteger callbacks = new AtomicInteger();
		LockManager counting = granting(this.locks, (guard) -> counting(guard, callbacks));
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> counting)
			.withBean(Jobs.class)
			.run((context) -> {
				Jobs jobs = context.getBean(Jobs.class);
				Flux<Integer> values = jobs
					.flux(() -> Flux.range(0, 50).concatMap((value) -> jobs.counted(() -> Mono.just(value))));
				assertThat(values.count().block(LIMIT)).isEqualTo(50);
				assertThat(callbacks).hasValue(1);
			});
	}

	@Test
	void methodDoesNotBeginUnderALockThatIsLostBeforeItsGrantIsSeen() {
		LosableLockManager losable = new LosableLockManager();
		LockManager late = granting(losable, (guard) -> {
			losable.loseAll();
			return guard;
		});
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> late)
			.withBean(Jobs.class)
			.run((context) -> {
				AtomicInteger begun = new AtomicInteger();
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> context.getBean(Jobs.class)
					.counted(() -> Mono.just(begun.incrementAndGet()))
					.block(LIMIT));
				assertThat(begun).hasValue(0);
			});
		assertThat(losable.events).containsExactly("acquire job", "release job");
	}

	private static LockManager granting(LockManager locks, UnaryOperator<LockGuard> seen) {
		return proxy(LockManager.class, (method, arguments) -> {
			Object answer = method.invoke(locks, arguments);
			return (answer instanceof CompletableFuture<?> grant)
					? grant.thenApply((guard) -> seen.apply((LockGuard) guard)) : answer;
		});
	}

	private static LockGuard counting(LockGuard guard, AtomicInteger callbacks) {
		return proxy(LockGuard.class, (method, arguments) -> {
			if (method.getName().equals("onLost")) {
				callbacks.incrementAndGet();
			}
			return method.invoke(guard, arguments);
		});
	}

	private static <T> T proxy(Class<T> type, Call call) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
				(self, method, arguments) -> call.of(method, arguments)));
	}

	@Test
	void lossEndsAllWorkThatHasJoinedWhateverTheEndOfOneThrows() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			List<CompletableFuture<String>> inner = new CopyOnWriteArrayList<>();
			CountDownLatch begun = new CountDownLatch(6);
			assertThat(jobs.mono(() -> Mono.deferContextual((context) -> {
				for (int i = 0; i < 5; i++) {
					var unused = jobs.mono(() -> uncancellable(begun)).contextWrite(context).subscribe();
				}
				inner.add(jobs.mono(() -> this.work.asMono().doOnSubscribe((subscription) -> begun.countDown()))
					.contextWrite(context)
					.toFuture());
				return jobs.mono(() -> Mono.just("outer"));
			})).block(LIMIT)).isEqualTo("outer");
			assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
			losable.loseAll();
			assertThat(inner.get(0)).failsWithin(LIMIT)
				.withThrowableThat()
				.havingRootCause()
				.isInstanceOf(LockLostException.class);
		});
	}

	private static Mono<String> uncancellable(CountDownLatch begun) {
		return Mono.fromDirect((subscriber) -> subscriber.onSubscribe(new Subscription() {

			@Override
			public void request(long count) {
				begun.countDown();
			}

			@Override
			public void cancel() {
				throw new IllegalStateException("breaks the rules of Reactive Streams");
			}

		}));
	}

	@Test
	void subscriptionInASynchronousCallRunsUnderItsLock() {
		run((jobs) -> {
			List<String> answers = new ArrayList<>();
			jobs.synchronous(() -> answers.add(jobs.mono(() -> Mono.just("done")).block(LIMIT)));
			assertThat(answers).containsExactly("done");
		});
	}

	@Test
	void subscriptionThatASynchronousCallLeavesBehindKeepsTheLock() {
		run((jobs) -> {
			jobs.synchronous(() -> jobs.mono(() -> this.work.asMono()).subscribe());
			assertThat(isFree()).isFalse();
			this.work.tryEmitValue("done").orThrow();
			untilFree();
		});
	}

	@Test
	void blockingMethodOnAThreadThatMustNotBlockIsRefused() {
		run((jobs) -> assertThatIllegalStateException()
			.isThrownBy(() -> Mono.fromRunnable(() -> jobs.synchronous(() -> {
			})).subscribeOn(Schedulers.parallel()).block(LIMIT))
			.withMessageContaining("parallel-")
			.withMessageContaining("boundedElastic")
			.withMessageContaining("Mono"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void declarationsOfInterfacesAreSeenWithBothKindsOfProxies(boolean byClass) {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=" + byClass)
			.withBean(Declared.class, () -> new Implementation(this::isFree))
			.run((context) -> {
				Declared<?> declared = context.getBean(Declared.class);
				assertThat(AopUtils.isCglibProxy(declared)).isEqualTo(byClass);
				assertThat(Mono.from((Publisher<?>) declared.generic()).block(LIMIT)).isEqualTo(false);
				assertThat(Flux.from(declared.publisher()).blockFirst(LIMIT)).isEqualTo(false);
				assertThat(JdkFlowAdapter.flowPublisherToFlux(declared.flow()).blockFirst(LIMIT)).isEqualTo(false);
				untilFree();
			});
	}

	/** What a test does with the bean. */
	interface JobsCheck {

		void accept(Jobs jobs) throws Exception;

	}

	/** What a proxy does. */
	interface Call {

		@Nullable Object of(Method method, Object[] arguments) throws Exception;

	}

	/** A method that bridges answer, and ones that classes inherit. */
	interface Declared<T> {

		@CrossProcessLocked(key = "job")
		T generic();

		boolean isFree();

		@CrossProcessLocked(key = "job")
		default Publisher<Boolean> publisher() {
			return Flux.just(isFree());
		}

		@CrossProcessLocked(key = "job")
		default Flow.Publisher<Boolean> flow() {
			return JdkFlowAdapter.publisherToFlowPublisher(Mono.just(isFree()));
		}

	}

	static class Implementation implements Declared<Mono<Boolean>> {

		private final Supplier<Boolean> free;

		Implementation(Supplier<Boolean> free) {
			this.free = free;
		}

		@Override
		public boolean isFree() {
			return this.free.get();
		}

		@Override
		public Mono<Boolean> generic() {
			return Mono.just(isFree());
		}

	}

	/** Methods that answer publishers. */
	static class Jobs {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Mono<String> mono(Supplier<@Nullable Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "1m")
		public Mono<String> patient(Supplier<Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "kept-mono", holdAtLeast = "1h")
		public Mono<String> keeping(Supplier<Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "1m")
		public Mono<Integer> counted(Supplier<Mono<Integer>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Flux<Integer> flux(Supplier<Flux<Integer>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Flux<String> strings(Supplier<Flux<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public Mono<String> orSkip(Supplier<Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s", mode = LockMode.SHARED_IN_PROCESS)
		public Mono<String> shared(Supplier<Mono<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "#{#p0}", waitTime = "0s")
		public Mono<String> withKey(String key) {
			return Mono.just(key);
		}

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public void synchronous(Runnable work) {
			work.run();
		}

	}

}
