package org.crossprocesslock.servers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Skips the tests where there is no such server, see {@link TestServer#absence}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(OnServer.Condition.class)
public @interface OnServer {

	/** All that the tests need. */
	TestServer[] value();

	/** Looks whether the servers can be started. */
	final class Condition implements ExecutionCondition {

		@Override
		public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
			return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), OnServer.class)
				.map(OnServer::value)
				.map(Condition::evaluate)
				.orElseGet(() -> ConditionEvaluationResult.enabled("no server is needed"));
		}

		private static ConditionEvaluationResult evaluate(TestServer[] servers) {
			for (TestServer server : servers) {
				if (server.absence().isPresent()) {
					return ConditionEvaluationResult.disabled(server + ": " + server.absence().get());
				}
			}
			return ConditionEvaluationResult.enabled("all servers can be started");
		}

	}

}
