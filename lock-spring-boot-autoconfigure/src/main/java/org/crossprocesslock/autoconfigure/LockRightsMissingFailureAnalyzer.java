package org.crossprocesslock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to grant.
 */
final class LockRightsMissingFailureAnalyzer extends AbstractFailureAnalyzer<LockRightsMissingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockRightsMissingException cause) {
		return new FailureAnalysis(
				"The user of the DataSource lacks rights on the tables of the cross-process locks. Some are needed only "
						+ "now and then, such as the one to delete when a process has died.",
				"Have the owner of the tables run:\n\n" + String.join(";\n", cause.getGrants()) + ";", cause);
	}

}
