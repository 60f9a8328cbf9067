package org.crossprocesslock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says how to create the tables.
 */
final class LockTablesMissingFailureAnalyzer extends AbstractFailureAnalyzer<LockTablesMissingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockTablesMissingException cause) {
		return new FailureAnalysis(
				"The tables of the cross-process locks are missing or lack a column, and " + cause.getReason() + ".",
				"Create them, for example in a migration, as a user who may; or set "
						+ "cross-process-lock.jdbc.table-prefix to where they are:\n\n" + cause.getDdl(),
				cause);
	}

}
