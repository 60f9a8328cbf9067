package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.crossprocesslock.memory.MemoryLockManager;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of locks in a slice of the
 * application that a test has cut out, as {@code @DataJpaTest} does: in memory, whatever
 * the properties of the application say, since the test is alone. A test that wants
 * another backend says so with the annotation of {@code lock-spring-boot-test}. The reach
 * that the application requires is not asked for in a test. Never part of an application.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = { LockAutoConfiguration.class, FencingAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "cross-process-lock.enabled", matchIfMissing = true)
public final class TestSliceLockAutoConfiguration {

	@Bean
	TestSlice crossProcessLockTestSlice() {
		return new TestSlice();
	}

	/** Where the test itself has not chosen a backend. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(value = LockManager.class, type = "org.crossprocesslock.test.LockTester")
	static class InMemory {

		@Bean
		LockManager crossProcessLockManager(LockListeners listeners) {
			return new MemoryLockManager(listeners.all());
		}

		@Bean
		TransactionFencing crossProcessLockTransactionFencing(LockProperties properties) {
			return TransactionFencing.ofTest(properties.getFencing());
		}

	}

}
