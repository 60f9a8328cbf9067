package org.crossprocesslock.annotation;

import java.util.function.Function;
import java.util.function.Supplier;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.autoconfigure.LookedUp;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of {@link CrossProcessLocked}. Also
 * there when {@code cross-process-lock.enabled} is {@code false}, to refuse annotated
 * methods, which would run without a lock.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@EnableConfigurationProperties(LockProperties.class)
@Import(CrossProcessLockedAutoConfiguration.AutoProxyRegistrar.class)
public final class CrossProcessLockedAutoConfiguration {

	/** Who finds it looks after annotated methods. */
	static final String ADVISOR = "crossProcessLockedAdvisor";

	private static final String OBSERVATIONS = "io.micrometer.observation.ObservationRegistry";

	private static final String TRANSACTIONS = "org.springframework.transaction.support.TransactionSynchronization";

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static LockedMethods crossProcessLockedMethods(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<LockProperties> properties) {
		return new LockedMethods(
				new LockedMethodFactory(beanFactory, () -> properties.getObject().getDefaultWaitTime()));
	}

	@Bean
	LockedMethodDescriptions crossProcessLockedMethodDescriptions(LockedMethods methods) {
		return new LockedMethodDescriptions(methods);
	}

	@Bean(ADVISOR)
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static CrossProcessLockedAdvisor crossProcessLockedAdvisor(ConfigurableListableBeanFactory beanFactory,
			LockedMethods methods, ObjectProvider<LockManager> manager, ObjectProvider<TransactionFencing> fencing,
			ObjectProvider<LockProperties> properties, Environment environment) {
		CallerTransaction transaction = transaction(beanFactory);
		Supplier<TransactionFencing> wanted = new LookedUp<>(fencing);
		return new CrossProcessLockedAdvisor(methods,
				new ThreadHolds(managers(beanFactory, manager), transaction, wanted, holdsAbove(beanFactory)),
				new FencingChecks(transaction, wanted), new AsynchronousChecks(transaction, wanted, beanFactory),
				observer(beanFactory, properties), beanFactory, order(environment));
	}

	/** Of the context above whose locks are those of this one. */
	private static @Nullable ThreadHolds holdsAbove(ConfigurableListableBeanFactory beanFactory) {
		BeanFactory parent = beanFactory.getParentBeanFactory();
		if (parent == null || !parent.containsBean(ADVISOR)
				|| beanFactory.getBeanNamesForType(LockManager.class, true, false).length > 0) {
			return null;
		}
		return parent.getBean(ADVISOR, CrossProcessLockedAdvisor.class).holds();
	}

	/** Sooner than the bean of the properties can be made. */
	private static int order(Environment environment) {
		return Binder.get(environment)
			.bind(LockProperties.PREFIX + ".annotation.order", Integer.class)
			.orElseGet(() -> new LockProperties.Annotation().getOrder());
	}

	private static Function<String, LockManager> managers(BeanFactory beanFactory, ObjectProvider<LockManager> usual) {
		Supplier<LockManager> found = new LookedUp<>(usual);
		return (name) -> name.isEmpty() ? found.get() : beanFactory.getBean(name, LockManager.class);
	}

	private static CallObserver observer(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<LockProperties> properties) {
		return ClassUtils.isPresent(OBSERVATIONS, beanFactory.getBeanClassLoader())
				? new MicrometerCallObserver(beanFactory, () -> properties.getObject().getObservation().isIncludeKey())
				: CallObserver.NONE;
	}

	private static CallerTransaction transaction(ConfigurableListableBeanFactory beanFactory) {
		return ClassUtils.isPresent(TRANSACTIONS, beanFactory.getBeanClassLoader()) ? TransactionBinding.in(beanFactory)
				: CallerTransaction.NONE;
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static LockedBeanPostProcessor crossProcessLockedBeanPostProcessor(ConfigurableListableBeanFactory beanFactory,
			LockedMethods methods, ObjectProvider<CrossProcessLockedAdvisor> advisor) {
		return new LockedBeanPostProcessor(beanFactory, methods, advisor);
	}

	/**
	 * Makes sure that advisors are applied, whatever else is configured, and that nobody
	 * misses the beans that are made before that.
	 */
	static final class AutoProxyRegistrar implements ImportBeanDefinitionRegistrar, EnvironmentAware {

		private boolean proxyTargetClass = true;

		@Override
		public void setEnvironment(Environment environment) {
			this.proxyTargetClass = environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
		}

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			EarlyBeans.watch(registry);
			AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
			if (this.proxyTargetClass) {
				AopConfigUtils.forceAutoProxyCreatorToUseClassProxying(registry);
			}
		}

	}

}
