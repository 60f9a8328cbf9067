package org.crossprocesslock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Names the properties whose values do not go together.
 */
final class InvalidLockPropertiesFailureAnalyzer extends AbstractFailureAnalyzer<InvalidLockPropertiesException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidLockPropertiesException cause) {
		return new FailureAnalysis(cause.getProblem() + ".",
				"Correct " + String.join(" or ", cause.getProperties()) + ".", cause);
	}

}
