package org.crossprocesslock.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Explains the choice of backends to who has misspelled one. Comes before the analyzer
 * for all properties, which knows their names only.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownBackendFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
		ConfigurationProperty property = cause.getProperty();
		if (property == null || !property.getName().toString().equals(BackendChoice.PROPERTY)) {
			return null;
		}
		return new FailureAnalysis(BackendChoice.PROPERTY + " is '" + property.getValue()
				+ "', which is no backend. It was read from: " + property.getOrigin() + ".", BackendChoice.CHOICES,
				cause);
	}

}
