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

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanPostProcessor crossProcessLockTestedLockManagers() {
		return new TestedLockManagers();
	}

	/**
	 * Before others have seen the bean, so that a spy of it is a spy of what is tested.
	 */
	private static final class TestedLockManagers implements BeanPostProcessor {

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			return (bean instanceof LockManager locks) ? LockTester.tested(locks) : bean;
		}

	}

}
