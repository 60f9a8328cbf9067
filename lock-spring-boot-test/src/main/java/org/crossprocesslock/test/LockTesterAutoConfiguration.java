package org.crossprocesslock.test;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.LockedMethodDescriptions;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.autoconfigure.TestSliceLockAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the {@link LockTester} of a test.
 * Imported by {@link AutoConfigureCrossProcessLock} only.
 *
 * @since 0.1.0
 */
@AutoConfiguration(
		before = { TestSliceLockAutoConfiguration.class, LockAutoConfiguration.class, FencingAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "cross-process-lock.enabled", matchIfMissing = true)
public final class LockTesterAutoConfiguration {

	@Bean
	LockTester crossProcessLockTester(ObjectProvider<LockManager> locks,
			ObjectProvider<LockedMethodDescriptions> methods) {
		return LockTester.ofContext(locks::getObject, () -> methods.getObject().all());
	}

	@Bean
	@ConditionalOnProperty(name = "cross-process-lock.backend", havingValue = "memory")
	TransactionFencing crossProcessLockTransactionFencing(LockProperties properties) {
		return TransactionFencing.ofTest(properties.getFencing());
	}

	/**
	 * The first post-processor, so that a spy of a manager is a spy of what is tested.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanFactoryPostProcessor crossProcessLockTestedLockManagers() {
		return (beanFactory) -> beanFactory.addBeanPostProcessor(new TestedLockManagers());
	}

	private static final class TestedLockManagers implements BeanPostProcessor {

		// not before: the methods that initialize it are those of the manager itself
		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof LockManager locks) ? LockTester.tested(locks) : bean;
		}

	}

}
