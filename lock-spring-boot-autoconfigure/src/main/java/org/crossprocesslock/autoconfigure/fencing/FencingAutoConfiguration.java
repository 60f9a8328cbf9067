package org.crossprocesslock.autoconfigure.fencing;

import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.lease.jdbc.CommitFence;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the check that transactions under
 * locks pass before they commit.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@EnableConfigurationProperties(LockProperties.class)
public final class FencingAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TransactionFencing crossProcessLockTransactionFencing(LockProperties properties,
			ObjectProvider<FencedTransactionManagers> managers, ListableBeanFactory beanFactory) {
		return new TransactionFencing(properties.getFencing(), managers, beanFactory);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ConnectionHolder.class, TransactionExecutionListener.class })
	static class TransactionManagersConfiguration {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static FencedTransactionManagers crossProcessLockFencedTransactionManagers(ObjectProvider<CommitFence> fence,
				ObjectProvider<LockBackend> backend, ObjectProvider<TransactionFencing> fencing,
				ConfigurableListableBeanFactory beanFactory) {
			return new FencedTransactionManagers(new FenceReach(fence, backend), fencing, beanFactory);
		}

	}

}
