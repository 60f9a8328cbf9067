package org.crossprocesslock.annotation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.aopalliance.aop.Advice;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.retry.CountingInterceptor;
import org.crossprocesslock.annotation.retry.RetryAspect;
import org.crossprocesslock.annotation.retry.RetryInterceptor;
import org.crossprocesslock.annotation.retry.StatefulRetryInterceptor;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.aop.ClassFilter;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.core.Ordered;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.retry.annotation.AnnotationAwareRetryOperationsInterceptor;
import org.springframework.retry.annotation.CircuitBreaker;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the lock is taken beside other advice.
 */
@ExtendWith(OutputCaptureExtension.class)
class AdviceOrderTests {

	private static final int LOWEST = Ordered.LOWEST_PRECEDENCE;

	private static final String ORDER = "cross-process-lock.annotation.order=";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class)
		.withBean(Rates.class);

	@Test
	void aCacheIsReadUnderTheLock() {
		this.contextRunner.withUserConfiguration(Caching.class).run((context) -> {
			twice(context.getBean(Rates.class));
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("rate-eur", "rate-eur");
		});
	}

	/** 100 is the order of the cache. */
	@ParameterizedTest
	@CsvSource({ "99, 2", "101, 1" })
	void theOrderSaysWhetherACacheIsReadBeforeTheLockIsTaken(int order, int locks) {
		this.contextRunner.withUserConfiguration(CachingOutside.class)
			.withPropertyValues(ORDER + order)
			.run((context) -> {
				twice(context.getBean(Rates.class));
				assertThat(context.getBean(RecordedLocks.Requests.class).keys()).hasSize(locks);
			});
	}

	private static void twice(Rates rates) {
		assertThat(rates.of("eur")).isEqualTo(1);
		assertThat(rates.of("eur")).isEqualTo(1);
	}

	/** Spring puts the advice of retries outside of all other, whatever its order. */
	@ParameterizedTest
	@CsvSource({ "2147483547", "-2147483648" })
	void everyAttemptTakesTheLockAnew(int order) {
		this.contextRunner.withUserConfiguration(Retrying.class).withPropertyValues(ORDER + order).run((context) -> {
			assertThat(context.getBean(Rates.class).third()).isEqualTo(3);
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("third", "third", "third");
		});
	}

	/** A subscription that fails gives its lock back before the next one asks for it. */
	@ParameterizedTest
	@CsvSource({ "2147483547", "-2147483648" })
	void everyAttemptOfASubscriptionTakesTheLockAnew(int order) {
		this.contextRunner.withUserConfiguration(Retrying.class).withPropertyValues(ORDER + order).run((context) -> {
			assertThat(context.getBean(Rates.class).thirdLater().block(Soon.LIMIT)).isEqualTo(3);
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("later", "later", "later");
			assertThat(context.getBean(LockManager.class).tryLock("later")).isPresent();
		});
	}

	@Test
	void retriesInsideOfTheLockAreWarnedOf(CapturedOutput output) {
		this.contextRunner.withBean(DefaultPointcutAdvisor.class, () -> retries(LOWEST - 1), AdviceOrderTests::advisor)
			.run((context) -> {
				assertThat(context.getBean(Rates.class).third()).isEqualTo(3);
				assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("third");
				assertThat(output).containsOnlyOnce("Rates.third is repeated inside of its lock");
			});
	}

	@Test
	void retriesOutsideOfTheLockAreNotWarnedOf(CapturedOutput output) {
		this.contextRunner.withBean(DefaultPointcutAdvisor.class, () -> retries(0), AdviceOrderTests::advisor)
			.run((context) -> {
				assertThat(context.getBean(Rates.class).third()).isEqualTo(3);
				assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("third", "third",
						"third");
				assertThat(output).doesNotContain("is repeated inside");
			});
	}

	@Test
	void anAspectThatRepeatsInsideOfTheLockIsWarnedOf(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(Aspects.class)
			.withBean(RetryAspect.class)
			.run((context) -> assertThat(output).containsOnlyOnce("Rates.third is repeated inside of its lock"));
	}

	/** What spring-retry is around says nothing of what it repeats. */
	@ParameterizedTest
	@ValueSource(classes = { RetriesAnother.class, Breaks.class, RetriesFromCallToCall.class })
	void methodsThatAreNotRepeatedAreNotWarnedOf(Class<?> bean, CapturedOutput output) {
		springRetry(bean).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain("is repeated inside");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { Retries.class, RetriesAll.class, RetriesAsItsInterfaceSays.class })
	void methodsThatAreRepeatedAreWarnedOf(Class<?> bean, CapturedOutput output) {
		springRetry(RetriesAnother.class).withBean(bean)
			.run((context) -> assertThat(output)
				.containsOnlyOnce(bean.getSimpleName() + ".locked is repeated inside of its lock"));
	}

	private ApplicationContextRunner springRetry(Class<?> bean) {
		return this.contextRunner.withBean(bean)
			.withBean(DefaultPointcutAdvisor.class, () -> around(new AnnotationAwareRetryOperationsInterceptor()),
					AdviceOrderTests::advisor);
	}

	/** All methods of the beans of these tests. */
	private static DefaultPointcutAdvisor around(Advice advice) {
		ClassFilter ofTests = (type) -> type.getEnclosingClass() == AdviceOrderTests.class;
		return new DefaultPointcutAdvisor(new ComposablePointcut(ofTests), advice);
	}

	@ParameterizedTest
	@ValueSource(classes = { CountingInterceptor.class, StatefulRetryInterceptor.class })
	void otherAdviceInAPackageOfRetriesIsNotWarnedOf(Class<? extends Advice> advice, CapturedOutput output) {
		this.contextRunner
			.withBean(DefaultPointcutAdvisor.class, () -> around(BeanUtils.instantiateClass(advice)),
					AdviceOrderTests::advisor)
			.run((context) -> assertThat(output).doesNotContain("is repeated inside"));
	}

	private static DefaultPointcutAdvisor retries(int order) {
		NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
		pointcut.setMappedName("third");
		DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(pointcut, new RetryInterceptor());
		advisor.setOrder(order);
		return advisor;
	}

	private static void advisor(BeanDefinition definition) {
		definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
	}

	@Test
	void aCacheOfWhatComesLaterIsReadUnderTheLock() {
		this.contextRunner.withUserConfiguration(Caching.class).run((context) -> {
			Rates rates = context.getBean(Rates.class);
			for (int i = 0; i < 2; i++) {
				assertThat(rates.ofLater("eur").block(Soon.LIMIT)).isEqualTo(1);
				assertThat(rates.ofStage("usd")).succeedsWithin(Soon.LIMIT).isEqualTo(2);
			}
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("rate-eur", "rate-usd",
					"rate-eur", "rate-usd");
		});
	}

	@Test
	void aCacheOutsideOfTheLockAnswersWithoutIt() {
		this.contextRunner.withUserConfiguration(CachingOutside.class)
			.withPropertyValues(ORDER + 101)
			.run((context) -> {
				Rates rates = context.getBean(Rates.class);
				for (int i = 0; i < 2; i++) {
					assertThat(rates.ofLater("eur").block(Soon.LIMIT)).isEqualTo(1);
					assertThat(rates.ofStage("usd")).succeedsWithin(Soon.LIMIT).isEqualTo(2);
				}
				assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("rate-eur",
						"rate-usd");
			});
	}

	@Test
	void theOrderIsThatOfTheAdvisor() {
		this.contextRunner.withPropertyValues(ORDER + "7")
			.run((context) -> assertThat(((Advised) context.getBean(Rates.class)).getAdvisors())
				.filteredOn(CrossProcessLockedAdvisor.class::isInstance)
				.singleElement()
				.satisfies((advisor) -> assertThat(((Ordered) advisor).getOrder()).isEqualTo(7)));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching(proxyTargetClass = true)
	static class Caching {

		@Bean
		CacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching(proxyTargetClass = true, order = 100)
	static class CachingOutside {

		@Bean
		CacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = true)
	static class Aspects {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods(proxyTargetClass = true)
	static class Retrying {

	}

	static class RetriesAnother {

		@CrossProcessLocked(key = "another")
		public void locked() {
		}

		@org.springframework.retry.annotation.Retryable
		public void another() {
		}

	}

	static class Breaks {

		@CrossProcessLocked(key = "breaks")
		@CircuitBreaker
		public void locked() {
		}

	}

	@org.springframework.retry.annotation.Retryable
	static class RetriesFromCallToCall {

		@CrossProcessLocked(key = "from-call-to-call")
		@org.springframework.retry.annotation.Retryable(stateful = true)
		public void locked() {
		}

	}

	static class Retries {

		@CrossProcessLocked(key = "retries")
		@org.springframework.retry.annotation.Retryable
		public void locked() {
		}

	}

	@org.springframework.retry.annotation.Retryable
	static class RetriesAll {

		@CrossProcessLocked(key = "all")
		public void locked() {
		}

	}

	interface Retried {

		@org.springframework.retry.annotation.Retryable
		void locked();

	}

	static class RetriesAsItsInterfaceSays implements Retried {

		@Override
		@CrossProcessLocked(key = "interface")
		public void locked() {
		}

	}

	static class Rates {

		private final AtomicInteger calls = new AtomicInteger();

		@CrossProcessLocked(key = "rate-#{#currency}")
		@Cacheable("rates")
		public int of(String currency) {
			return this.calls.incrementAndGet();
		}

		@CrossProcessLocked(key = "rate-#{#currency}")
		@Cacheable("later")
		public Mono<Integer> ofLater(String currency) {
			return Mono.fromSupplier(this.calls::incrementAndGet);
		}

		@CrossProcessLocked(key = "rate-#{#currency}")
		@Cacheable("stages")
		public CompletableFuture<Integer> ofStage(String currency) {
			return CompletableFuture.supplyAsync(this.calls::incrementAndGet);
		}

		@CrossProcessLocked(key = "later", waitTime = "0s")
		@Retryable(maxRetries = 5, delay = 0)
		public Mono<Integer> thirdLater() {
			return Mono.fromSupplier(this::third);
		}

		@CrossProcessLocked(key = "third")
		@Retryable(maxRetries = 5, delay = 0)
		public int third() {
			int call = this.calls.incrementAndGet();
			if (call < 3) {
				throw new IllegalStateException("again");
			}
			return call;
		}

	}

}
