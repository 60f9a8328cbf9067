package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.lease.jdbc.UnsupportedDatabaseException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which databases can keep locks.
 */
final class UnsupportedDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedDatabaseException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedDatabaseException cause) {
		return new FailureAnalysis(cause.getMessage() + ".",
				"Let cross-process-lock.jdbc.platform name a database only if this one behaves exactly like it. Otherwise "
						+ "qualify a DataSource of a supported database with @LockDataSource, or choose another "
						+ "backend with cross-process-lock.backend.",
				cause);
	}

}
