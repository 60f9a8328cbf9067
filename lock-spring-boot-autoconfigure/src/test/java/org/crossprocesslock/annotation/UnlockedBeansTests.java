package org.crossprocesslock.annotation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import org.aopalliance.intercept.MethodInterceptor;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.ProxyFactoryBean;
import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.DefaultIntroductionAdvisor;
import org.springframework.aop.support.DelegatingIntroductionInterceptor;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests that a bean with annotated methods runs them under a lock or fails the start.
 */
class UnlockedBeansTests {

	private final RecordedLocks.Requests requests = new RecordedLocks.Requests();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> new ObservedLocks(this.requests));

	@Test
	void beanThatAFactoryPostProcessorNeeds() {
		refused(this.runner.withUserConfiguration(EarlyByFactoryPostProcessor.class), "Job.run", "bean 'job'",
				"made before beans are proxied, because 'early' needs it", "@Lazy or an ObjectProvider");
	}

	@Test
	void beanThatAnEarlyPostProcessorNeedsThroughAnother() {
		refused(this.runner.withUserConfiguration(EarlyByPostProcessor.class), "Job.run", "bean 'job'",
				"because 'early' needs it");
	}

	@Test
	void configurationThatHasToBeMadeForAPostProcessor() {
		refused(this.runner.withUserConfiguration(EarlyConfiguration.class), "EarlyConfiguration.run",
				"made before beans are proxied, because 'early' needs it");
	}

	@Test
	void postProcessorItself() {
		refused(this.runner.withUserConfiguration(LockedPostProcessor.class), "run", "it is a post-processor");
	}

	@Test
	void objectThatTheContainerHasNotMade() {
		refused(this.runner
			.withInitializer((context) -> context.getBeanFactory().registerSingleton("manual", new Job())), "Job.run",
				"bean 'manual'", "registered as an instance");
	}

	@Test
	void beanWithAnOpaqueProxy() {
		refused(this.runner.withInitializer((context) -> {
			ProxyFactory proxy = new ProxyFactory(new Job());
			proxy.setProxyTargetClass(true);
			proxy.setOpaque(true);
			context.getBeanFactory().registerSingleton("job", proxy.getProxy());
		}), "Job.run", "its proxy is opaque");
	}

	@Test
	void beanWhoseProxyIsTakenAway() {
		refused(this.runner.withBean("job", Job.class).withBean(UndoingPostProcessor.class), "Job.run",
				"without a lock");
	}

	@Test
	void beanThatIsNeededLazilyByAPostProcessorIsLocked() {
		locked(this.runner.withUserConfiguration(LateByFactoryPostProcessor.class));
	}

	@Test
	void configurationIsLocked() {
		this.runner.withUserConfiguration(LockedConfiguration.class).run((context) -> {
			context.getBean(LockedConfiguration.class).run();
			assertThat(this.requests.keys()).containsExactly("configuration");
		});
	}

	@Test
	void productOfAFactoryIsLocked() {
		locked(this.runner.withBean(JobFactory.class));
	}

	@Test
	void productThatIsMadeTooEarlyIsRefused() {
		refused(this.runner.withUserConfiguration(EarlyProduct.class), "Job.run", "bean 'jobFactory'",
				"because 'early' needs it");
	}

	@Test
	void prototypeThatIsMadeTooEarlyIsRefused() {
		refused(this.runner.withUserConfiguration(EarlyPrototype.class), "Job.run", "bean 'job'",
				"because 'early' needs it");
	}

	@Test
	void interfaceOfARepositoryThatIsMadeTooEarlyIsRefused() {
		refused(this.runner.withUserConfiguration(EarlyRepository.class), "Repository.store", "bean 'repository'",
				"because 'early' needs it");
	}

	@Test
	void interfaceOfARepositoryIsLookedAtAsOthers() {
		this.runner.withUserConfiguration(LateRepository.class).run((context) -> {
			context.getBean(Repository.class).store();
			assertThat(this.requests.keys()).containsExactly("repository");
			assertThat(context.getBeanFactory().getDependentBeans(context.getBeanNamesForType(LockManager.class)[0]))
				.contains("repository");
		});
		refused(this.runner.withBean("futures", Futures.class, () -> implement(Futures.class)), "Futures.later",
				"it returns a Future");
	}

	/** The caller's method is another one, which the compiler or nobody has made. */
	@Test
	void interfaceOfARepositoryIsLockedForThoseWhoKnowLessOfIt() {
		this.runner.withBean("orders", OrderStore.class, () -> implement(OrderStore.class)).run((context) -> {
			Store<Object> anyStore = store(context.getBean("orders"));
			anyStore.store("order");
			anyStore.last();
			assertThat(this.requests.keys()).containsExactly("order", "last");
		});
	}

	@Test
	void interfaceOfAProxyIsLockedForThoseWhoKnowTheOneItExtends() {
		this.runner.withBean("orders", Orders.class, () -> implement(Orders.class, new Object(), LockedOrders.class))
			.run((context) -> {
				context.getBean(Orders.class).purge();
				assertThat(this.requests.keys()).containsExactly("orders");
			});
	}

	@SuppressWarnings("unchecked")
	private static Store<Object> store(Object bean) {
		return (Store<Object>) bean;
	}

	@Test
	void interfaceThatIsAddedToALockedClassNeedsNoLocks() {
		added(Mixed.class, new Mixin()).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Mixed.class).mixed()).isEqualTo("mixed");
			assertThat(this.requests.keys()).isEmpty();
			context.getBean(Typed.class).typed();
			assertThat(this.requests.keys()).containsExactly("typed");
		});
	}

	@Test
	void interfaceThatIsAddedToALockedClassIsRefusedForItsOwnLocks() {
		refused(added(LockedMixed.class, (LockedMixed) () -> "mixed"), "LockedMixed.mixed", "bean 'job'");
		refused(added(LockedMixedType.class, new Mixin()), "LockedMixedType.mixed", "bean 'job'");
	}

	@Test
	void interfacesOfAProxyAreReadOnce() {
		this.runner.run((context) -> {
			LockedMethods methods = context.getBean(LockedMethods.class);
			Class<?> proxyClass = implement(Repository.class).getClass();
			assertThat(methods.ofProxy(proxyClass)).hasSize(1).isSameAs(methods.ofProxy(proxyClass));
		});
	}

	@Test
	void methodBehindAProxyThatIsLockedForOthersIsRefused() {
		refused(this.runner.withBean("orders", Orders.class, () -> implement(Orders.class, new Stock())), "Stock.purge",
				"bean 'orders'");
	}

	@Test
	void methodsOfAProxyAndOfWhatIsBehindItAreLocked() {
		this.runner.withBean("orders", LockedOrders.class, () -> implement(LockedOrders.class, new Stock()))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				LockedOrders orders = context.getBean(LockedOrders.class);
				orders.purge();
				orders.store();
				assertThat(this.requests.keys()).containsExactly("orders", "store");
			});
	}

	@Test
	void methodOfAProxyWithLockedMethodsBehindItIsLookedAtAsOthers() {
		refused(this.runner.withBean("orders", FutureOrders.class, () -> implement(FutureOrders.class, new Stock())),
				"FutureOrders.later", "it returns a Future");
	}

	/** What a class says of its methods is for them, and its interfaces may say less. */
	@Test
	void interfacesOfAClassThatHasItsOwnLocksAreNotLookedAt() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("present", Present.class)
			.run((context) -> {
				assertThat(context.getBean(Futures.class).later()).isDone();
				assertThat(this.requests.keys()).containsExactly("present");
			});
	}

	@Test
	void oneOfManyProductsThatIsMadeTooEarlyIsRefused() {
		refused(this.runner.withUserConfiguration(OneOfManyEarlyProducts.class), "Job.run", "bean 'jobFactory'",
				"because 'early' needs it");
	}

	@ParameterizedTest
	@ValueSource(classes = { LazyJob.class, PrototypeJob.class, ScopedJob.class })
	void beanThatIsMadeLaterIsLocked(Class<?> configuration) {
		locked(this.runner.withUserConfiguration(configuration));
	}

	@ParameterizedTest
	@ValueSource(strings = { "singleton", "prototype" })
	void beanThatIsMadeLaterIsRefusedWhenItIsMade(String scope) {
		this.runner.withBean(UndoingPostProcessor.class).withBean("job", Job.class, Job::new, (definition) -> {
			definition.setScope(scope);
			definition.setLazyInit(true);
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatThrownBy(() -> context.getBean("job")).hasRootCauseInstanceOf(LockedMethodException.class)
				.rootCause()
				.hasMessageContaining("Job.run");
		});
	}

	@Test
	void mockIsNoReasonToRefuse() {
		this.runner
			.withInitializer((context) -> context.getBeanFactory().registerSingleton("mock", Mockito.mock(Job.class)))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void spyRunsItsMethods() {
		refused(this.runner
			.withInitializer((context) -> context.getBeanFactory().registerSingleton("spy", Mockito.spy(new Job()))),
				"Job.run", "bean 'spy'");
	}

	@Test
	void beanOfAChildThatCannotLockIsRefused() {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.registerBean("job", Job.class);
				assertThatThrownBy(child::refresh).isInstanceOf(LockedMethodException.class)
					.hasMessageContaining("Job.run")
					.hasMessageContaining("bean 'job'")
					.hasMessageContaining("no auto-configuration of locks");
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "singleton", "prototype" })
	void beanThatAChildThatCannotLockMakesLaterIsRefused(String scope) {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.registerBean("job", Job.class, (definition) -> {
					definition.setScope(scope);
					definition.setLazyInit(true);
				});
				child.refresh();
				assertThatThrownBy(() -> child.getBean("job")).rootCause()
					.isInstanceOf(LockedMethodException.class)
					.hasMessageContaining("Job.run")
					.hasMessageContaining("no auto-configuration of locks");
			}
		});
	}

	@Test
	void beanThatAChildMakesLaterIsLockedWhereTheChildHasProxies() {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.registerBean(DefaultAdvisorAutoProxyCreator.class,
						(definition) -> definition.getPropertyValues().add("proxyTargetClass", true));
				child.registerBean("job", Job.class, (definition) -> definition.setLazyInit(true));
				child.refresh();
				child.getBean(Job.class).run();
				assertThat(this.requests.keys()).containsExactly("job");
			}
		});
	}

	@Test
	void scheduledMethodOfACircleIsRefused() {
		refused(this.runner.withAllowCircularReferences(true).withBean(ScheduledRound.class).withBean(There.class),
				"ScheduledRound.tick", "part of a circle");
	}

	@Test
	void listenerOfMessagesOfACircleIsRefused() {
		refused(this.runner.withAllowCircularReferences(true).withBean(ListeningRound.class).withBean(There.class),
				"ListeningRound.hear", "part of a circle");
	}

	@Test
	void beanThatIsNeverProxiedIsRefusedWhereCirclesAreAllowed() {
		refused(this.runner.withAllowCircularReferences(true)
			.withBean(Job.class.getName() + AutowireCapableBeanFactory.ORIGINAL_INSTANCE_SUFFIX, Job.class), "Job.run");
	}

	@Test
	void whatAProxyFactoryMakesIsLocked() {
		locked(this.runner.withBean("job", ProxyFactoryBean.class, () -> {
			ProxyFactoryBean factory = new ProxyFactoryBean();
			factory.setProxyTargetClass(true);
			factory.setTarget(new Job());
			return factory;
		}));
	}

	@Test
	void otherMethodOfACircleIsLocked() {
		this.runner.withAllowCircularReferences(true).withBean(Round.class).withBean(There.class).run((context) -> {
			context.getBean(There.class).job().run();
			assertThat(this.requests.keys()).containsExactly("job");
		});
	}

	@Test
	void managerThatAnswersNullIsTold() {
		LockManager mock = Mockito.mock(LockManager.class);
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> mock)
			.withBean(Job.class)
			.run((context) -> {
				Job job = context.getBean(Job.class);
				assertThatThrownBy(job::run).isInstanceOf(IllegalStateException.class)
					.hasMessageContaining("has returned null instead of a guard")
					.hasMessageContaining("mock");
				Mockito.when(mock.tryLock(Mockito.any(LockRequest.class))).thenReturn(null);
				assertThatThrownBy(job::skipped).isInstanceOf(IllegalStateException.class)
					.hasMessageContaining("null instead of a guard");
			});
	}

	private ApplicationContextRunner added(Class<?> type, Object mixin) {
		return this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("advisor", DefaultIntroductionAdvisor.class, () -> new Introduction(mixin, type),
					(definition) -> definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE))
			.withBean("job", TypedJob.class);
	}

	private static <T> T implement(Class<T> type) {
		return implement(type, new Object());
	}

	/** As Spring Data does: behind the proxy is an object that knows nothing of it. */
	private static <T> T implement(Class<T> type, Object target, Class<?>... further) {
		ProxyFactory proxy = new ProxyFactory(target);
		proxy.addInterface(type);
		for (Class<?> each : further) {
			proxy.addInterface(each);
		}
		proxy.addAdvice((MethodInterceptor) (invocation) -> null);
		return type.cast(proxy.getProxy());
	}

	private void locked(ApplicationContextRunner runner) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(Job.class).run();
			assertThat(this.requests.keys()).containsExactly("job");
		});
	}

	private static void refused(ApplicationContextRunner runner, String... texts) {
		runner.run((context) -> assertThat(refusal(context)).hasMessageContainingAll(texts));
	}

	private static @Nullable Throwable refusal(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		Throwable refusal = context.getStartupFailure();
		while (refusal != null && !(refusal instanceof LockedMethodException)) {
			refusal = refusal.getCause();
		}
		return refusal;
	}

	static class Job {

		@CrossProcessLocked(key = "job")
		public void run() {
		}

		public void other() {
		}

		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public @Nullable String skipped() {
			return "done";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyByFactoryPostProcessor {

		@Bean
		static Job job() {
			return new Job();
		}

		@Bean
		static BeanFactoryPostProcessor early(Job job) {
			return (factory) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LateByFactoryPostProcessor {

		@Bean
		static Job job() {
			return new Job();
		}

		@Bean
		static BeanFactoryPostProcessor late(@Lazy Job job) {
			return (factory) -> {
			};
		}

	}

	record Middle(Job job) {

	}

	static class Early implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyByPostProcessor {

		@Bean
		static Job job() {
			return new Job();
		}

		@Bean
		static Middle middle(Job job) {
			return new Middle(job);
		}

		@Bean
		static Early early(Middle middle) {
			return new Early();
		}

	}

	@Configuration
	static class EarlyConfiguration {

		@CrossProcessLocked(key = "configuration")
		public void run() {
		}

		@Bean
		Early early() {
			return new Early();
		}

	}

	@Configuration
	static class LockedConfiguration {

		@CrossProcessLocked(key = "configuration")
		public void run() {
		}

	}

	static class LockedPostProcessor extends Early {

		@CrossProcessLocked(key = "post-processor")
		public void run() {
		}

	}

	static class JobFactory implements FactoryBean<Job> {

		@Override
		public Job getObject() {
			return new Job();
		}

		@Override
		public Class<?> getObjectType() {
			return Job.class;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyProduct {

		@Bean
		static JobFactory jobFactory() {
			return new JobFactory();
		}

		@Bean
		static Early early(Job job) {
			return new Early();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyPrototype {

		@Bean
		@Scope("prototype")
		static Job job() {
			return new Job();
		}

		@Bean
		static BeanFactoryPostProcessor early(Job job) {
			return (factory) -> {
			};
		}

	}

	interface Repository {

		@CrossProcessLocked(key = "repository")
		void store();

	}

	interface Store<T> {

		<S extends T> S store(S item);

		@Nullable Object last();

	}

	interface OrderStore extends Store<String> {

		@Override
		@CrossProcessLocked(key = "#{#p0}")
		<S extends String> S store(S item);

		@Override
		@CrossProcessLocked(key = "last")
		@Nullable String last();

	}

	interface Futures {

		@CrossProcessLocked(key = "repository")
		Future<String> later();

	}

	static class Present implements Futures {

		@Override
		@CrossProcessLocked(key = "present")
		public CompletableFuture<String> later() {
			return CompletableFuture.completedFuture("now");
		}

	}

	@CrossProcessLocked(key = "typed")
	interface Typed {

		void typed();

	}

	static class TypedJob implements Typed {

		@Override
		public void typed() {
		}

	}

	interface Mixed {

		String mixed();

	}

	interface LockedMixed {

		@CrossProcessLocked(key = "mixed")
		String mixed();

	}

	@CrossProcessLocked(key = "mixed")
	interface LockedMixedType extends Mixed {

	}

	static class Mixin implements LockedMixedType {

		@Override
		public String mixed() {
			return "mixed";
		}

	}

	static class Introduction extends DefaultIntroductionAdvisor {

		Introduction(Object mixin, Class<?> type) {
			super(new DelegatingIntroductionInterceptor(mixin), type);
		}

		@Override
		public boolean matches(Class<?> type) {
			return type == TypedJob.class;
		}

	}

	interface Orders {

		void purge();

		@CrossProcessLocked(key = "store")
		void store();

	}

	interface LockedOrders extends Orders {

		@Override
		@CrossProcessLocked(key = "orders")
		void purge();

	}

	interface FutureOrders extends LockedOrders, Futures {

	}

	/** The class behind a repository does not have to know its interface. */
	static class Stock {

		@CrossProcessLocked(key = "stock")
		public void purge() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyRepository {

		@Bean
		static Repository repository() {
			return implement(Repository.class);
		}

		@Bean
		static Early early(Repository repository) {
			return new Early();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LateRepository {

		@Bean
		Repository repository() {
			return implement(Repository.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneOfManyEarlyProducts {

		@Bean
		static JobFactory jobFactory() {
			return new JobFactory() {
				@Override
				public boolean isSingleton() {
					return false;
				}
			};
		}

		@Bean
		static Early early(Job job) {
			return new Early();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyJob {

		@Bean
		@Lazy
		Job job() {
			return new Job();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeJob {

		@Bean
		@Scope("prototype")
		Job job() {
			return new Job();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedJob {

		@Bean
		@Scope(value = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
		Job job() {
			return new Job();
		}

	}

	/** Hands out what is behind the proxy. */
	static class UndoingPostProcessor implements BeanPostProcessor {

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return beanName.equals("job") ? new Job() : bean;
		}

	}

	static class Round extends Job {

		@Autowired
		void refer(There there) {
		}

	}

	static class ScheduledRound extends Round {

		@Scheduled(fixedDelay = 60_000)
		@CrossProcessLocked(key = "tick")
		public void tick() {
		}

	}

	static class ListeningRound extends Round {

		@MessageMapping("news")
		@CrossProcessLocked(key = "hear")
		public void hear() {
		}

	}

	record There(Job job) {

	}

}
