package org.crossprocesslock.annotation;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains why an annotated method was refused.
 */
final class LockedMethodFailureAnalyzer extends AbstractFailureAnalyzer<LockedMethodException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockedMethodException cause) {
		return new FailureAnalysis(cause.getDescription(), cause.getAction() + ".", cause);
	}

}
