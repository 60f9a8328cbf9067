package org.crossprocesslock.annotation;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

import io.reactivex.rxjava3.core.Single;
import kotlin.coroutines.Continuation;
import kotlinx.coroutines.CompletableDeferredKt;
import kotlinx.coroutines.Deferred;
import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.annotation.elsewhere.VisibleToPackage;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.ConnectableFlux;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Proxyable;
import org.springframework.context.annotation.ProxyType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for annotated methods that cannot run under a lock as they say.
 */
class RefusedMethodsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> new MemoryLockManager(new LockListener() {
		}));

	private void refused(Class<?> bean, String method, String reason) {
		refused(this.contextRunner, bean, method, reason);
	}

	private static void refused(ApplicationContextRunner contextRunner, Class<?> bean, String method, String reason) {
		contextRunner.withBean(bean).run((context) -> assertThat(context).getFailure().satisfies((ex) -> {
			Throwable refusal = context.getStartupFailure();
			while (refusal != null && !(refusal instanceof LockedMethodException)) {
				refusal = refusal.getCause();
			}
			assertThat(refusal).hasMessageContaining(bean.getSimpleName() + "." + method).hasMessageContaining(reason);
		}));
	}

	@ParameterizedTest
	@ValueSource(classes = { Placeholder.class, PartOfPlaceholder.class })
	void placeholderWithoutValue(Class<?> bean) {
		refused(bean, "run", "laceholder");
	}

	@Test
	void expressionThatCannotBeParsed() {
		refused(Unparsable.class, "run", "'order-#{#id'");
	}

	@Test
	void expressionOverAnUnknownArgument() {
		refused(UnknownArgument.class, "run", "#ordreId");
	}

	@Test
	void expressionOverAPositionBeyondTheArguments() {
		refused(UnknownPosition.class, "run", "#p1");
	}

	@Test
	void fixedKeyThatIsNotAllowed() {
		refused(BadKey.class, "run", "'all orders'");
	}

	@Test
	void timeToHoldAtLeastThatCannotBe() {
		refused(HoldsForNoDuration.class, "run", "the time to hold the key at least 'ten' is no duration");
		refused(HoldsForTooLong.class, "run", "'2d', is not between zero and PT24H");
		refused(HoldsBackwards.class, "run", "'-1s', is not between");
		refused(HoldsWhatIsShared.class, "run", "holdAtLeast='1m' needs mode=EXCLUSIVE");
	}

	@Test
	void timeToHoldAtLeastWithLocksInFiles(@TempDir Path directory) {
		LockListener listener = new LockListener() {
		};
		refusesToHoldOn(() -> PerKeyFileLockManager.open(directory, listener));
		refusesToHoldOn(() -> PidFileLockManager.platformDefault(directory, listener));
	}

	private static void refusesToHoldOn(Supplier<LockManager> manager) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, manager)
			.withBean(HoldsOn.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(LockedMethodException.class)
				.hasMessageContainingAll("HoldsOn.run", "holdAtLeast keeps", "a lock file is free then"));
	}

	@ParameterizedTest
	@ValueSource(classes = { SkipsNonNull.class, SkipsNonNullObject.class, SkipsNonNullTypeVariable.class,
			SkipsNonNullTypeVariableOfClass.class, SkipsTypeVariableWithinNonNull.class })
	void skippedCallThatMustNotAnswerNull(Class<?> bean) {
		refused(bean, "run", "onBusy=SKIP has no value to return, as the result is never empty");
	}

	@Test
	void skippedCallThatCanAnswerNothingIsFine() {
		this.contextRunner.withBean(SkipsWhatCanBeEmpty.class)
			.withBean(NarrowsNullable.class)
			.withBean(NarrowsNullableOfClass.class)
			.withBean("lambda", MayBuild.class, () -> () -> "done")
			.withBean(SkipsTypeVariable.class)
			.withBean(SkipsTypeVariableOfMethod.class)
			.withBean(SkipsUnmarkedTypeVariable.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void emptyKey() {
		refused(EmptyKey.class, "run", "Key ''");
	}

	@Test
	void waitTimeThatIsNoDuration() {
		refused(BadWaitTime.class, "run", "'soon'");
	}

	@Test
	void negativeWaitTime() {
		refused(NegativeWaitTime.class, "run", "negative");
	}

	@Test
	void nameThatIsAnExpression() {
		refused(NameWithExpression.class, "run", "small fixed set");
	}

	@Test
	void finalMethod() {
		refused(FinalMethod.class, "run", "final");
	}

	@Test
	void finalMethodOfAnAnnotatedClass() {
		refused(FinalMethodOfLockedClass.class, "run", "final");
	}

	@Test
	void privateMethod() {
		refused(PrivateMethod.class, "run", "private");
	}

	@Test
	void staticMethod() {
		refused(StaticMethod.class, "run", "static");
	}

	@Test
	void methodThatOnlyItsOwnPackageSees() {
		refused(InAnotherPackage.class, "run", "package");
	}

	@Test
	void finalClass() {
		refused(FinalClass.class, "run", "class is final");
	}

	@Test
	void finalClassBehindAnInterfaceThatIsProxiedByClass() {
		refused(FinalImplementation.class, "run", "class is final");
	}

	@Test
	void methodBesideTheInterfacesTheBeanIsProxiedBy() {
		refused(this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false"), BesideInterface.class,
				"beside", "interfaces");
	}

	@Test
	void skipOnAPrimitive() {
		refused(SkipsPrimitive.class, "run", "int");
	}

	@Test
	void futureThatNobodyIsToldAbout() {
		refused(ReturnsFuture.class, "run", "does not signal when it is done");
	}

	@Test
	void futureOfATypeOfItsOwn() {
		refused(ReturnsOwnFuture.class, "run", "return a CompletableFuture");
	}

	@Test
	void publisherOfATypeOfItsOwn() {
		refused(ReturnsConnectableFlux.class, "run", "return a Flux");
	}

	@Test
	void suspendFunctionThatNothingCanRun() {
		refused(this.contextRunner.withClassLoader(new FilteredClassLoader("kotlinx.coroutines")), Suspends.class,
				"run", "kotlinx-coroutines-reactor");
		refused(this.contextRunner.withClassLoader(new FilteredClassLoader("kotlin.reflect")), Suspends.class, "run",
				"kotlin-reflect");
	}

	@Test
	void workThatGoesOnWhenItIsCancelled() {
		refused(ReturnsDeferred.class, "run", "make it a suspend function");
	}

	@Test
	void skipOnATypeThatIsNeverEmpty() {
		refused(SkipsSingle.class, "run", "never empty");
	}

	@Test
	void publisherWhereReactorIsAbsent() {
		refused(this.contextRunner.withClassLoader(new FilteredClassLoader("reactor")), ReturnsMono.class, "run",
				"reactor-core is needed");
	}

	@ParameterizedTest
	@ValueSource(classes = { InterruptsStage.class, InterruptsMono.class })
	void interruptOfWorkThatHasNoThread(Class<?> bean) {
		refused(bean, "run", "onLost=INTERRUPT has no thread to interrupt");
	}

	@ParameterizedTest
	@ValueSource(classes = { FencedStage.class, FencedMono.class })
	void requiredFencingOfWorkOnOtherThreads(Class<?> bean) {
		refused(bean, "run", "Use fencing=OFF");
	}

	@Test
	void anyMethodWithoutALockManager() {
		refused(new ApplicationContextRunner().withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class)),
				Fine.class, "run", "no LockManager bean");
	}

	@Test
	void ambiguousLockManagers() {
		refused(this.contextRunner.withBean("another", LockManager.class,
				() -> new MemoryLockManager(new LockListener() {
				})), Fine.class, "run", "several LockManager beans [lockManager, another]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "singleton", "prototype" })
	void ambiguousLockManagersOfABeanThatIsMadeLater(String scope) {
		this.contextRunner.withBean("another", LockManager.class, () -> new MemoryLockManager(new LockListener() {
		})).withBean("later", Fine.class, Fine::new, (definition) -> {
			definition.setScope(scope);
			definition.setLazyInit(true);
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatThrownBy(() -> context.getBean("later")).cause()
				.isInstanceOf(LockedMethodException.class)
				.hasMessageContaining("several LockManager beans [lockManager, another]");
		});
	}

	@Test
	void everyMethodOfABeanIsLookedAtWhenTheFirstOneIsFine() {
		refused(SecondIsWrong.class, "wrong", "'all orders'");
	}

	@Test
	void finalClassBehindAnInterfaceIsFineWhenProxiedByIt() {
		this.contextRunner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean(FinalImplementation.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(Proxy.isProxyClass(context.getBean(Runnable.class).getClass())).isTrue();
			});
	}

	@Test
	void finalClassBehindAnInterfaceIsFineWhenItsBeanIsProxiedByIt() {
		this.contextRunner.withUserConfiguration(ProxiedByInterface.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(Proxy.isProxyClass(context.getBean("bean").getClass())).isTrue();
			assertThat(Proxy.isProxyClass(context.getBean("type").getClass())).isTrue();
		});
	}

	static class Placeholder {

		@CrossProcessLocked(key = "${no.such.property}")
		public void run() {
		}

	}

	static class PartOfPlaceholder {

		@CrossProcessLocked(key = "x", waitTime = "${no.such.property}s")
		public void run() {
		}

	}

	static class Unparsable {

		@CrossProcessLocked(key = "order-#{#id")
		public void run(long id) {
		}

	}

	static class UnknownArgument {

		@CrossProcessLocked(key = "order-#{'a' + (#ordreId ?: 'x')}")
		public void run(long orderId) {
		}

	}

	static class UnknownPosition {

		@CrossProcessLocked(key = "order-#{#p1}")
		public void run(long orderId) {
		}

	}

	static class BadKey {

		@CrossProcessLocked(key = "all orders")
		public void run() {
		}

	}

	static class EmptyKey {

		@CrossProcessLocked(key = "")
		public void run() {
		}

	}

	static class BadWaitTime {

		@CrossProcessLocked(key = "order-#{#p0}", waitTime = "soon")
		public void run(long id) {
		}

	}

	static class NegativeWaitTime {

		@CrossProcessLocked(key = "order-#{#p0}", waitTime = "-1s")
		public void run(long id) {
		}

	}

	static class NameWithExpression {

		@CrossProcessLocked(key = "order", name = "order-#{#p0}")
		public void run(long id) {
		}

	}

	static class FinalMethod {

		@CrossProcessLocked(key = "order")
		public final void run() {
		}

	}

	@CrossProcessLocked(key = "order")
	static class FinalMethodOfLockedClass {

		public final void run() {
		}

	}

	static class PrivateMethod {

		@CrossProcessLocked(key = "order")
		private void run() {
		}

		public void call() {
			run();
		}

	}

	static class StaticMethod {

		@CrossProcessLocked(key = "order")
		public static void run() {
		}

	}

	static class InAnotherPackage extends VisibleToPackage {

	}

	static final class FinalClass {

		@CrossProcessLocked(key = "order")
		public void run() {
		}

	}

	static final class FinalImplementation implements Runnable {

		@Override
		@CrossProcessLocked(key = "order")
		public void run() {
		}

	}

	@Proxyable(ProxyType.INTERFACES)
	record LockedRecord() implements Runnable {

		@Override
		@CrossProcessLocked(key = "order")
		public void run() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(LockedRecord.class)
	static class ProxiedByInterface {

		@Bean
		@Proxyable(ProxyType.INTERFACES)
		FinalImplementation bean() {
			return new FinalImplementation();
		}

		@Bean
		@Proxyable(interfaces = Runnable.class)
		LockedRecord type() {
			return new LockedRecord();
		}

	}

	static class BesideInterface implements Runnable {

		@Override
		public void run() {
		}

		@CrossProcessLocked(key = "order")
		public void beside() {
		}

	}

	static class SkipsPrimitive {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public int run() {
			return 1;
		}

	}

	static class SkipsNonNull {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public String run() {
			return "done";
		}

	}

	static class SkipsNonNullObject {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public Object run() {
			return "done";
		}

	}

	static class SkipsWhatCanBeEmpty {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public void nothing() {
		}

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public Optional<String> optional() {
			return Optional.empty();
		}

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public @Nullable String nullable() {
			return null;
		}

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public CompletableFuture<String> stage() {
			return CompletableFuture.completedFuture("done");
		}

	}

	interface MayBuild {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		@Nullable Object build();

	}

	static class NarrowsNullable implements MayBuild {

		@Override
		public String build() {
			return "done";
		}

	}

	abstract static class MayBuildToo {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public abstract @Nullable String build();

	}

	static class NarrowsNullableOfClass extends MayBuildToo {

		@Override
		public String build() {
			return "done";
		}

	}

	abstract static class Job<T extends @Nullable Object> {

		private final T result;

		Job(T result) {
			this.result = result;
		}

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public T run() {
			return this.result;
		}

	}

	static class SkipsTypeVariable extends Job<@Nullable String> {

		SkipsTypeVariable() {
			super("done");
		}

	}

	static class SkipsTypeVariableOfMethod {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public <T extends @Nullable Object> T run(Supplier<T> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public <T extends @Nullable Object, U extends T> U within(Supplier<U> work) {
			return work.get();
		}

	}

	@NullUnmarked
	static class SkipsUnmarkedTypeVariable {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public <T> T run(Supplier<T> work) {
			return work.get();
		}

	}

	static class SkipsNonNullTypeVariable {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public <T> T run(Supplier<T> work) {
			return work.get();
		}

	}

	static class SkipsTypeVariableWithinNonNull {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public <T, U extends T> U run(Supplier<U> work) {
			return work.get();
		}

	}

	static class NonNullJob<T> {

		private final T result;

		NonNullJob(T result) {
			this.result = result;
		}

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public T run() {
			return this.result;
		}

	}

	static class SkipsNonNullTypeVariableOfClass extends NonNullJob<String> {

		SkipsNonNullTypeVariableOfClass() {
			super("done");
		}

	}

	static class ReturnsFuture {

		@CrossProcessLocked(key = "order")
		public Future<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class ReturnsOwnFuture {

		@CrossProcessLocked(key = "order")
		public FutureTask<String> run() {
			return new FutureTask<>(() -> "done");
		}

	}

	static class ReturnsMono {

		@CrossProcessLocked(key = "order")
		public Mono<String> run() {
			return Mono.empty();
		}

	}

	static class ReturnsConnectableFlux {

		@CrossProcessLocked(key = "order")
		public ConnectableFlux<String> run() {
			return Flux.<String>empty().publish();
		}

	}

	static class ReturnsDeferred {

		@CrossProcessLocked(key = "order")
		public Deferred<String> run() {
			return CompletableDeferredKt.CompletableDeferred("done");
		}

	}

	static class SkipsSingle {

		@CrossProcessLocked(key = "order", onBusy = OnBusy.SKIP)
		public Single<String> run() {
			return Single.just("done");
		}

	}

	static class InterruptsStage {

		@CrossProcessLocked(key = "order", onLost = OnLost.INTERRUPT)
		public CompletableFuture<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class InterruptsMono {

		@CrossProcessLocked(key = "order", onLost = OnLost.INTERRUPT)
		public Mono<String> run() {
			return Mono.empty();
		}

	}

	static class FencedStage {

		@CrossProcessLocked(key = "order", fencing = Fencing.REQUIRED)
		public CompletableFuture<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class FencedMono {

		@CrossProcessLocked(key = "order", fencing = Fencing.REQUIRED)
		public Mono<String> run() {
			return Mono.empty();
		}

	}

	static class Suspends {

		@CrossProcessLocked(key = "order")
		public @Nullable Object run(Continuation<String> continuation) {
			return null;
		}

	}

	static class Fine {

		@CrossProcessLocked(key = "order")
		public void run() {
		}

	}

	static class SecondIsWrong extends Fine {

		@CrossProcessLocked(key = "all orders")
		public void wrong() {
		}

	}

	static class HoldsOn {

		@CrossProcessLocked(key = "key", holdAtLeast = "1m")
		public void run() {
		}

	}

	static class HoldsForNoDuration {

		@CrossProcessLocked(key = "key", holdAtLeast = "ten")
		public void run() {
		}

	}

	static class HoldsForTooLong {

		@CrossProcessLocked(key = "key", holdAtLeast = "2d")
		public void run() {
		}

	}

	static class HoldsBackwards {

		@CrossProcessLocked(key = "key", holdAtLeast = "-1s")
		public void run() {
		}

	}

	static class HoldsWhatIsShared {

		@CrossProcessLocked(key = "key", holdAtLeast = "1m", mode = LockMode.SHARED_IN_PROCESS)
		public void run() {
		}

	}

}
