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
		String supported = String.join(", ", cause.getSupported());
		return new FailureAnalysis(
				"Cross-process locks do not support the database '" + cause.getProduct() + "'. Supported are: "
						+ supported + ".",
				"If it is compatible with one of them, name that one in cross-process-lock.jdbc.dialect. Otherwise "
						+ "qualify a DataSource of a supported database with @LockDataSource, or choose another "
						+ "backend with cross-process-lock.backend.",
				cause);
	}

}
