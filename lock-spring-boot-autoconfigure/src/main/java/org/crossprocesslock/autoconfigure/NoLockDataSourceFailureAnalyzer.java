package org.crossprocesslock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a missing DataSource.
 */
final class NoLockDataSourceFailureAnalyzer extends AbstractFailureAnalyzer<NoLockDataSourceException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, NoLockDataSourceException cause) {
		return new FailureAnalysis(
				"cross-process-lock.backend=jdbc asks for locks in a database, but " + cause.getReason() + ".",
				NoLockDataSourceException.ACTION + ", or choose another backend.", cause);
	}

}
