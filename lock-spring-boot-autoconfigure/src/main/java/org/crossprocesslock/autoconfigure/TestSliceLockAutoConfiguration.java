package org.crossprocesslock.autoconfigure;

import javax.sql.DataSource;

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
 * application that a test has cut out without its DataSource, as {@code @WebMvcTest}
 * does: in memory, whatever the properties of the application say, since the test is
 * alone and the database is not there. Slices with a DataSource have the locks of the
 * application, in whatever database the test puts there: the reach that the application
 * requires is not asked for in a slice. Never part of an application.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = { LockAutoConfiguration.class, FencingAutoConfiguration.class },
		afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
				"org.springframework.boot.jdbc.test.autoconfigure.TestDatabaseAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "cross-process-lock.enabled", matchIfMissing = true)
public final class TestSliceLockAutoConfiguration {

	@Bean
	TestSlice crossProcessLockTestSlice() {
		return new TestSlice();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean({ DataSource.class, LockManager.class })
	static class WithoutDataSource {

		@Bean
		LockManager crossProcessLockManager(LockListeners listeners) {
			return new MemoryLockManager(listeners.all());
		}

		@Bean
		TransactionFencing crossProcessLockTransactionFencing() {
			return TransactionFencing.ofNoTransactions();
		}

	}

}
