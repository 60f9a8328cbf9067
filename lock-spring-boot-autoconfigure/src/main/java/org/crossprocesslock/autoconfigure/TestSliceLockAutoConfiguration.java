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

/**
 * {@link EnableAutoConfiguration Auto-configuration} of locks in a slice of the
 * application that a test has cut out without its DataSource, as {@code @WebMvcTest}
 * does: in memory, whatever the properties of the application say, since the test is
 * alone and the database is not there. Slices with a DataSource have the locks of the
 * application. Never part of an application.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = { LockAutoConfiguration.class, FencingAutoConfiguration.class },
		afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
				"org.springframework.boot.jdbc.test.autoconfigure.TestDatabaseAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "cross-process-lock.enabled", matchIfMissing = true)
@ConditionalOnMissingBean({ DataSource.class, LockManager.class })
public final class TestSliceLockAutoConfiguration {

	@Bean
	LockManager crossProcessLockManager(LockListeners listeners) {
		return new MemoryLockManager(listeners.all());
	}

	@Bean
	TransactionFencing crossProcessLockTransactionFencing() {
		return TransactionFencing.ofNoTransactions();
	}

}
