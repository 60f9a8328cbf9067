package org.crossprocesslock.autoconfigure;

import java.util.List;
import java.util.Objects;

import javax.sql.DataSource;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches when locks belong into a database: asked for, or possible and not ruled out.
 */
class OnJdbcBackend extends AnyNestedCondition {

	OnJdbcBackend() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnProperty(name = "cross-process-lock.backend", havingValue = "jdbc")
	static class AskedFor {

	}

	@ConditionalOnProperty(name = "cross-process-lock.backend", havingValue = "auto", matchIfMissing = true)
	@ConditionalOnSingleCandidate(DataSource.class)
	static class SingleDataSource {

	}

	@ConditionalOnProperty(name = "cross-process-lock.backend", havingValue = "auto", matchIfMissing = true)
	@Conditional(OnQualifiedDataSource.class)
	static class QualifiedDataSource {

	}

	/** Sees beans that are no default candidates, too, as a qualified one may be. */
	static class OnQualifiedDataSource extends SpringBootCondition implements ConfigurationCondition {

		@Override
		public ConfigurationPhase getConfigurationPhase() {
			return ConfigurationPhase.REGISTER_BEAN;
		}

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			ListableBeanFactory beanFactory = Objects.requireNonNull(context.getBeanFactory());
			List<String> names = LockDataSources.qualified(beanFactory);
			ConditionMessage.Builder message = ConditionMessage.forCondition("@LockDataSource");
			return names.isEmpty() ? ConditionOutcome.noMatch(message.didNotFind("DataSource").atAll())
					: ConditionOutcome.match(message.found("DataSource").items(names));
		}

	}

}
