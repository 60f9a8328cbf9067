package org.crossprocesslock.autoconfigure.actuate;

import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.annotation.LockedMethodDescriptions;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the
 * {@link CrossProcessLocksEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { LockAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(CrossProcessLocksEndpoint.class)
@EnableConfigurationProperties(CrossProcessLocksEndpointProperties.class)
public final class CrossProcessLocksEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CrossProcessLocksEndpoint crossProcessLocksEndpoint(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<LockBackend> backend, ObjectProvider<LockedMethodDescriptions> methods,
			ForcedRelease.Audit audit, CrossProcessLocksEndpointProperties properties) {
		LockManagers managers = new LockManagers(beanFactory);
		return new CrossProcessLocksEndpoint(managers, backend, methods, new ForcedRelease(managers, audit),
				properties.getShowKeys());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(EndpointWebExtension.class)
	static class WebConfiguration {

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint(endpoint = CrossProcessLocksEndpoint.class, exposure = EndpointExposure.WEB)
		CrossProcessLocksEndpointWebExtension crossProcessLocksEndpointWebExtension(CrossProcessLocksEndpoint endpoint,
				CrossProcessLocksEndpointProperties properties) {
			return new CrossProcessLocksEndpointWebExtension(endpoint, properties.getShowKeys(), properties.getRoles());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AuditApplicationEvent.class)
	static class AuditConfiguration {

		@Bean
		ForcedRelease.Audit crossProcessLockAudit(ApplicationEventPublisher events) {
			return (principal, outcome, data) -> events.publishEvent(
					new AuditApplicationEvent(new AuditEvent(principal, "CROSS_PROCESS_LOCK_" + outcome, data)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("org.springframework.boot.actuate.audit.listener.AuditApplicationEvent")
	static class WithoutAuditConfiguration {

		@Bean
		ForcedRelease.Audit crossProcessLockAudit() {
			return (principal, outcome, data) -> {
			};
		}

	}

}
