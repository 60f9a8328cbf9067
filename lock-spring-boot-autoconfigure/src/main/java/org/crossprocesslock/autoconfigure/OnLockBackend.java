package org.crossprocesslock.autoconfigure;

import java.util.Objects;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * The condition of {@link ConditionalOnLockBackend}.
 */
class OnLockBackend extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		BackendChoice.Kind kind = metadata.getAnnotations()
			.get(ConditionalOnLockBackend.class)
			.getEnum("value", BackendChoice.Kind.class);
		BackendChoice choice = BackendChoice.of(context.getEnvironment(),
				Objects.requireNonNull(context.getBeanFactory()));
		ConditionMessage message = ConditionMessage.forCondition(ConditionalOnLockBackend.class, kind)
			.because(choice.kind() + " was chosen: " + choice.reason());
		return new ConditionOutcome(choice.kind() == kind, message);
	}

}
