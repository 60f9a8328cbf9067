package org.crossprocesslock.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * The condition of {@link ConditionalOnLocksEnabled}.
 */
class OnLocksEnabled extends SpringBootCondition {

	static final String PROPERTY = LockProperties.PREFIX + ".enabled";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		boolean wanted = metadata.getAnnotations().get(ConditionalOnLocksEnabled.class).getBoolean("value");
		if (wanted) {
			// once at each start: this condition is asked several times
			PassedOverProperties.refuse(context.getEnvironment());
		}
		boolean enabled = isEnabled(context.getEnvironment());
		return new ConditionOutcome(enabled == wanted,
				ConditionMessage.forCondition(ConditionalOnLocksEnabled.class, wanted)
					.because(PROPERTY + " is " + enabled));
	}

	static boolean isEnabled(Environment environment) {
		Boolean bound = Binder.get(environment).bind(PROPERTY, Boolean.class).orElse(null);
		return (bound != null) ? bound : new LockProperties().isEnabled();
	}

}
