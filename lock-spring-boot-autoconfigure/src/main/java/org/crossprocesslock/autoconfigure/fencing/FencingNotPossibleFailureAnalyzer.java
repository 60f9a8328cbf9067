package org.crossprocesslock.autoconfigure.fencing;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains why no transaction can be checked.
 */
final class FencingNotPossibleFailureAnalyzer extends AbstractFailureAnalyzer<FencingNotPossibleException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, FencingNotPossibleException cause) {
		return new FailureAnalysis(
				"cross-process-lock.fencing=required asks that every transaction under a lock is checked before it "
						+ "commits, which is not possible: " + cause.getObstacle() + ".",
				FencingNotPossibleException.ACTION + ".", cause);
	}

}
