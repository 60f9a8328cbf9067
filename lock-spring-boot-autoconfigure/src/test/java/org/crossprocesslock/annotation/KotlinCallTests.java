package org.crossprocesslock.annotation;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import kotlin.Unit;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.coroutines.reactive.ReactiveFlowKt;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.aopalliance.intercept.MethodInterceptor;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for functions as Kotlin's own compiler makes them of {@code KotlinJobs.kt}:
 * suspend functions, and ones that answer a {@code Flow}.
 */
class KotlinCallTests {

	private static @Nullable URLClassLoader compiled;

	private final MemoryLockManager locks = new MemoryLockManager();

	private final CompletableFuture<String> work = new CompletableFuture<>();

	private final Sinks.Many<String> values = Sinks.many().unicast().onBackpressureBuffer();

	private final List<String> seen = new CopyOnWriteArrayList<>();

	@BeforeAll
	static void compile(@TempDir Path directory) throws Exception {
		Path source = directory.resolve("KotlinJobs.kt");
		try (InputStream kept = KotlinCallTests.class.getResourceAsStream("KotlinJobs.kt")) {
			Files.copy(Objects.requireNonNull(kept), source);
		}
		Path classes = directory.resolve("classes");
		ByteArrayOutputStream messages = new ByteArrayOutputStream();
		ExitCode end = new K2JVMCompiler().exec(new PrintStream(messages, true, StandardCharsets.UTF_8),
				source.toString(), "-d", classes.toString(), "-classpath", classPath(), "-jvm-target", "17",
				"-java-parameters", "-no-stdlib", "-no-reflect");
		assertThat(end).as(() -> messages.toString(StandardCharsets.UTF_8)).isEqualTo(ExitCode.OK);
		compiled = new URLClassLoader(new URL[] { classes.toUri().toURL() }, KotlinCallTests.class.getClassLoader());
	}

	/** Only what the source needs, as each jar costs the compiler time. */
	private static String classPath() {
		return Stream
			.of(CrossProcessLocked.class, LockTimeoutException.class, SuspendCalls.class, Unit.class,
					CoroutineScope.class, ReactiveFlowKt.class, Publisher.class, Nullable.class)
			.map((type) -> Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())))
			.map(Path::toString)
			.distinct()
			.collect(Collectors.joining(File.pathSeparator));
	}

	@AfterAll
	static void close() throws Exception {
		if (compiled != null) {
			compiled.close();
		}
	}

	private static ApplicationContextRunner runner(LockManager locks, String... beans) throws Exception {
		ClassLoader classLoader = Objects.requireNonNull(compiled);
		ApplicationContextRunner runner = new ApplicationContextRunner().withClassLoader(classLoader)
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> locks);
		for (String bean : beans) {
			runner = runner.withBean(classLoader.loadClass("org.crossprocesslock.annotation." + bean));
		}
		return runner;
	}

	private void run(CallsCheck check) throws Exception {
		runner(this.locks, "KotlinJobs", "KotlinCalls").run((context) -> {
			check.accept(context.getBean(SuspendCalls.class));
			assertThat(isFree()).isTrue();
		});
	}

	private static void withLosable(LosableLockManager losable, CallsCheck check) throws Exception {
		runner(losable, "KotlinJobs", "KotlinCalls")
			.run((context) -> check.accept(context.getBean(SuspendCalls.class)));
	}

	private boolean isFree() {
		return isFree("job");
	}

	private boolean isFree(String key) {
		Optional<LockGuard> guard = this.locks.tryLock(key);
		guard.ifPresent(LockGuard::close);
		return guard.isPresent();
	}

	private void untilWaitedFor() {
		Soon.until(() -> this.locks.inspection().orElseThrow().report(0).requests() > 0);
	}

	/** A work that goes on, and that counts who has begun it. */
	private static CompletableFuture<String> begin(AtomicInteger begun, CompletableFuture<String> work) {
		begun.incrementAndGet();
		return work;
	}

	private static <T> T get(Future<T> future) throws Exception {
		return future.get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	private static void failsWith(Class<? extends Throwable> failure, Future<?> future) {
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> get(future)).havingCause().isInstanceOf(failure);
	}

	@ParameterizedTest
	@ValueSource(strings = { "run", "patient", "orSkip", "unitOrSkip", "outer" })
	void lockIsHeldUntilTheFunctionReturnsAndReleasedBeforeItsAnswerIsSeen(String function) throws Exception {
		run((calls) -> {
			AtomicInteger begun = new AtomicInteger();
			CompletableFuture<Boolean> freeAtEnd = calls.call(function, () -> begin(begun, this.work))
				.thenApply((answer) -> isFree());
			Soon.until(() -> begun.get() == 1);
			assertThat(isFree()).isFalse();
			this.work.complete("done");
			assertThat(get(freeAtEnd)).isTrue();
		});
	}

	@Test
	void answerIsThatOfTheFunction() throws Exception {
		run((calls) -> {
			this.work.complete("done");
			assertThat(get(calls.call("run", () -> this.work))).isEqualTo("done");
			assertThat(get(calls.call("orSkip", () -> this.work))).isEqualTo("done");
		});
	}

	@Test
	void callsExcludeEachOtherAndWaitForEachOther() throws Exception {
		run((calls) -> {
			AtomicInteger inside = new AtomicInteger();
			List<CompletableFuture<@Nullable String>> all = Stream
				.generate(() -> calls.call("patient", () -> CompletableFuture.supplyAsync(() -> {
					int count = inside.incrementAndGet();
					Thread.onSpinWait();
					inside.decrementAndGet();
					return "" + count;
				})))
				.limit(100)
				.toList();
			for (CompletableFuture<@Nullable String> each : all) {
				assertThat(get(each)).isEqualTo("1");
			}
		});
	}

	@Test
	void busyKeyIsThrown() throws Exception {
		run((calls) -> {
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				failsWith(LockTimeoutException.class, calls.call("run", () -> this.work));
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "orSkip", "unitOrSkip" })
	void skippedCallRunsNothing(String function) throws Exception {
		run((calls) -> {
			AtomicInteger begun = new AtomicInteger();
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				String answer = get(calls.call(function, () -> begin(begun, this.work)));
				assertThat(answer).isEqualTo("orSkip".equals(function) ? null : "kotlin.Unit");
			}
			assertThat(begun).hasValue(0);
		});
	}

	@Test
	void fallbackIsRunInsteadOfWhatIsBusy() throws Exception {
		run((calls) -> {
			this.work.complete("done");
			assertThat(get(calls.call("withFallback", () -> this.work))).isEqualTo("done");
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThat(get(calls.call("withFallback", () -> this.work)))
					.isEqualTo("instead of " + guard.key() + " true");
			}
		});
	}

	@Test
	void fallbackThatAnswersSomethingElseIsRefused() throws Exception {
		runner(this.locks, "OtherFallback").run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(IllegalArgumentException.class)
			.hasMessageContainingAll("instead", "Integer", "which is no", "String"));
	}

	@Test
	void severalKeysAreHeldUntilTheFunctionReturns() throws Exception {
		run((calls) -> {
			AtomicInteger begun = new AtomicInteger();
			CompletableFuture<@Nullable String> call = calls.call("underTwo", () -> begin(begun, this.work));
			Soon.until(() -> begun.get() == 1);
			assertThat(isFree("job") || isFree("other")).isFalse();
			this.work.complete("done");
			assertThat(get(call)).isEqualTo("done");
			assertThat(isFree("job") && isFree("other")).isTrue();
			try (LockGuard guard = this.locks.tryLock("other").orElseThrow()) {
				failsWith(LockTimeoutException.class, calls.call("underTwo", () -> this.work));
				assertThat(guard.isHeld() && isFree("job")).isTrue();
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "SkipsNonNull", "SkipsNonNullAtOnce" })
	void skipIsRefusedWhereTheAnswerIsNotNullable(String type) throws Exception {
		runner(this.locks, type).run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(LockedMethodException.class)
			.hasMessageContainingAll(type + ".run", "never empty", "Use onBusy=FAIL"));
	}

	@Test
	void skipIsFineWhereTheCallerSaysWhetherTheAnswerIsNullable() throws Exception {
		runner(this.locks, "SkipsTypeVariable").run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void failureIsThrownAndFreesTheKey() throws Exception {
		run((calls) -> {
			this.work.completeExceptionally(new IllegalArgumentException("of the work"));
			failsWith(IllegalArgumentException.class, calls.call("run", () -> this.work));
		});
	}

	@Test
	void whatTheFunctionThrowsBeforeItIsSuspendedFreesTheKey() throws Exception {
		run((calls) -> failsWith(IllegalStateException.class, calls.call("run", () -> {
			throw new IllegalStateException("at once");
		})));
	}

	@Test
	void cancellationCancelsTheWorkAndFreesTheKey() throws Exception {
		run((calls) -> {
			AtomicInteger begun = new AtomicInteger();
			CompletableFuture<@Nullable String> call = calls.call("run", () -> begin(begun, this.work));
			Soon.until(() -> begun.get() == 1);
			call.cancel(true);
			Soon.until(this.work::isCancelled);
			Soon.until(this::isFree);
		});
	}

	@Test
	void cancelledWaitIsGivenUp() throws Exception {
		run((calls) -> {
			AtomicInteger begun = new AtomicInteger();
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				CompletableFuture<@Nullable String> call = calls.call("patient", () -> begin(begun, this.work));
				untilWaitedFor();
				call.cancel(true);
				Soon.until(() -> this.locks.inspection().orElseThrow().report(0).requests() == 0);
			}
			assertThat(begun).hasValue(0);
		});
	}

	@Test
	void nothingIsHeldHoweverACancellationMeetsTheGrant() throws Exception {
		run((calls) -> {
			for (int i = 0; i < 200; i++) {
				LockGuard guard = this.locks.tryLock("job").orElseThrow();
				CompletableFuture<@Nullable String> call = calls.call("patient", CompletableFuture::new);
				CompletableFuture<Void> closer = CompletableFuture.runAsync(guard::close);
				call.cancel(true);
				get(closer);
				Soon.until(calls::isIdle);
				Soon.until(this::isFree);
			}
		});
	}

	@Test
	void lostLockCancelsTheWorkAndIsThrown() throws Exception {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (calls) -> {
			AtomicInteger begun = new AtomicInteger();
			CompletableFuture<@Nullable String> call = calls.call("run", () -> begin(begun, this.work));
			Soon.until(() -> begun.get() == 1);
			losable.loseAll();
			failsWith(LockLostException.class, call);
			// by the thread of the function, which may only be about to wait for it
			Soon.until(this.work::isCancelled);
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	@Test
	void nestedCallRunsUnderTheLockThatIsThere() throws Exception {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (calls) -> {
			this.work.complete("inner");
			assertThat(get(calls.call("outer", () -> this.work))).isEqualTo("inner");
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	@Test
	void keyIsMadeOfArguments() throws Exception {
		run((calls) -> {
			AtomicInteger begun = new AtomicInteger();
			CompletableFuture<@Nullable String> call = calls.call("withKey", () -> begin(begun, this.work));
			Soon.until(() -> begun.get() == 1);
			assertThat(isFree("a-b-3")).isFalse();
			this.work.complete("done");
			assertThat(get(call)).isEqualTo("done");
		});
	}

	@Test
	void keyOfTheContinuationIsRefused() throws Exception {
		runner(this.locks, "KeyOfContinuation").run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(IllegalArgumentException.class)
			.hasMessageContainingAll("#p1", "no argument"));
	}

	@Test
	void functionOfARepositoryIsLockedForThoseWhoKnowLessOfIt() throws Exception {
		ClassLoader classLoader = Objects.requireNonNull(compiled);
		Method store = classLoader.loadClass("org.crossprocesslock.annotation.KotlinStore")
			.getMethod("store", Object.class);
		Class<?> type = classLoader.loadClass("org.crossprocesslock.annotation.KotlinOrderStore");
		assertThat(type.getDeclaredMethods()).noneMatch(Method::isBridge);
		ProxyFactory repository = new ProxyFactory(type,
				(MethodInterceptor) (invocation) -> isFree() ? "free" : "locked");
		runner(this.locks).withBean("orders", Object.class, () -> repository.getProxy(classLoader))
			.run((context) -> assertThat(store.invoke(context.getBean("orders"), "order")).isEqualTo("locked"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "AnswersDeferred", "AnswersStage" })
	void workThatGoesOnAfterAFunctionIsRefused(String type) throws Exception {
		runner(this.locks, type).run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(IllegalArgumentException.class)
			.hasMessageContaining("suspend function that answers a "));
	}

	@ParameterizedTest
	@ValueSource(strings = { "flow", "flowOrSkip", "suspendedFlow" })
	void lockIsHeldUntilTheFlowIsCollected(String function) throws Exception {
		run((calls) -> {
			CompletableFuture<Boolean> freeAtEnd = calls.collect(function, this.values.asFlux(), this.seen::add)
				.thenApply((answer) -> isFree());
			this.values.tryEmitNext("first").orThrow();
			Soon.until(() -> this.seen.contains("first"));
			assertThat(isFree()).isFalse();
			this.values.tryEmitNext("second").orThrow();
			this.values.tryEmitComplete().orThrow();
			assertThat(get(freeAtEnd)).isTrue();
			assertThat(this.seen).containsExactly("first", "second");
		});
	}

	@Test
	void busyKeyEndsTheCollection() throws Exception {
		run((calls) -> {
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				failsWith(LockTimeoutException.class, calls.collect("flow", Flux.just("first"), this.seen::add));
				assertThat(get(calls.collect("flowOrSkip", Flux.just("first"), this.seen::add))).isEqualTo("collected");
			}
			assertThat(this.seen).isEmpty();
		});
	}

	@Test
	void failureOfAFlowFreesTheKey() throws Exception {
		run((calls) -> failsWith(IllegalArgumentException.class,
				calls.collect("flow", Flux.error(new IllegalArgumentException("of the flow")), this.seen::add)));
	}

	@Test
	void failureOfACollectorFreesTheKey() throws Exception {
		run((calls) -> {
			failsWith(IllegalStateException.class, calls.collect("flow", Flux.just("first", "second"), (value) -> {
				throw new IllegalStateException("of the collector");
			}));
			Soon.until(this::isFree);
		});
	}

	@Test
	void cancelledCollectionFreesTheKey() throws Exception {
		run((calls) -> {
			CompletableFuture<@Nullable String> call = calls.collect("flow", this.values.asFlux(), this.seen::add);
			this.values.tryEmitNext("first").orThrow();
			Soon.until(() -> this.seen.contains("first"));
			call.cancel(true);
			assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> get(call));
			Soon.until(this::isFree);
		});
	}

	@Test
	void lostLockEndsTheCollection() throws Exception {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (calls) -> {
			CompletableFuture<@Nullable String> call = calls.collect("flow", this.values.asFlux(), this.seen::add);
			this.values.tryEmitNext("first").orThrow();
			Soon.until(() -> this.seen.contains("first"));
			losable.loseAll();
			failsWith(LockLostException.class, call);
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	/** What a test does with the functions. */
	interface CallsCheck {

		void accept(SuspendCalls calls) throws Exception;

	}

}
