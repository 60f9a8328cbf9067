package org.crossprocesslock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains why there is no default directory.
 */
final class NoLockDirectoryFailureAnalyzer extends AbstractFailureAnalyzer<NoLockDirectoryException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, NoLockDirectoryException cause) {
		return new FailureAnalysis(
				"Cross-process locks have no default directory for their files: " + cause.getReason() + ".",
				NoLockDirectoryException.ACTION + ", or choose another backend with cross-process-lock.backend.",
				cause);
	}

}
