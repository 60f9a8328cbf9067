package org.crossprocesslock.shedlock;

import java.util.List;

import net.javacrumbs.shedlock.core.LockProvider;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of ShedLock's {@link LockProvider}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = ShedLockAutoConfiguration.PROPERTY)
@ConditionalOnBean(LockManager.class)
public final class ShedLockAutoConfiguration {

	static final String PROPERTY = "cross-process-lock.shedlock.enabled";

	private static final Logger logger = LoggerFactory.getLogger(ShedLockAutoConfiguration.class);

	@Bean
	@ConditionalOnMissingBean(LockProvider.class)
	CrossProcessLockProvider crossProcessLockProvider(LockManager locks) {
		return new CrossProcessLockProvider(locks);
	}

	/**
	 * One that was left behind would go on with its own locks, beside instances that use
	 * these.
	 */
	@Bean
	static SmartInitializingSingleton crossProcessLockProviderIsUsed(ListableBeanFactory beanFactory) {
		return () -> {
			if (names(CrossProcessLockProvider.class, beanFactory).isEmpty()) {
				logger.warn("{}=true has no effect: the LockProvider of the application is used, {}. Remove one or the "
						+ "other", PROPERTY, names(LockProvider.class, beanFactory));
			}
		};
	}

	private static List<String> names(Class<?> type, ListableBeanFactory beanFactory) {
		return List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, true, false));
	}

}
