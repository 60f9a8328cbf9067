package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Comparator;
import java.util.Set;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Refuses beans with annotated methods in an application whose auto-configuration of them
 * was excluded, where they would run without a lock. Not part of any auto-configuration,
 * so that it cannot be excluded with it.
 */
final class UnlockedContextInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		context.getBeanFactory().addBeanPostProcessor(new Refusal(context.getBeanFactory()));
	}

	/** Looks at every bean until it is known that somebody else does. */
	private static final class Refusal implements BeanPostProcessor {

		private final ConfigurableListableBeanFactory beanFactory;

		private volatile boolean isLocked;

		Refusal(ConfigurableListableBeanFactory beanFactory) {
			this.beanFactory = beanFactory;
		}

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			check(bean, beanName);
			return bean;
		}

		/** Also for what a factory makes. */
		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			check(bean, beanName);
			return bean;
		}

		private void check(Object bean, String beanName) {
			// one of a context above looks at the beans of this one as well
			this.isLocked = this.isLocked || this.beanFactory.containsBean(CrossProcessLockedAutoConfiguration.ADVISOR);
			if (!this.isLocked) {
				for (Class<?> beanClass : LockedMethods.classesOf(bean)) {
					refuseLocked(bean, beanClass, beanName);
				}
			}
		}

		private static void refuseLocked(Object bean, Class<?> beanClass, String beanName) {
			Set<Method> annotated = LockedMethods.annotated(beanClass).keySet();
			if (annotated.isEmpty() || Mocks.isMock(bean)) {
				return;
			}
			Method first = Collections.min(annotated, Comparator.comparing(Method::getName));
			throw new LockedMethodException(first, beanClass,
					"bean '" + beanName + "' would run it without a lock: CrossProcessLockedAutoConfiguration is not "
							+ "there",
					"Do not exclude it (spring.autoconfigure.exclude, @SpringBootApplication(exclude = ...)). A context without "
							+ "@EnableAutoConfiguration, as of @SpringBootTest(classes = ...), needs that, or in a test "
							+ "@AutoConfigureCrossProcessLock (lock-spring-boot-test)");
		}

	}

}
