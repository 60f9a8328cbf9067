package org.crossprocesslock.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says why the start was refused.
 */
final class RefusedStartFailureAnalyzer extends AbstractFailureAnalyzer<RefusedStartException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RefusedStartException cause) {
		return new FailureAnalysis(cause.getDescription(), cause.getAction(), cause);
	}

}
