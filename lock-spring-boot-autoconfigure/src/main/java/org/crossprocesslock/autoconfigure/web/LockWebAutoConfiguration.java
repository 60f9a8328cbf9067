package org.crossprocesslock.autoconfigure.web;

import org.crossprocesslock.autoconfigure.LockProperties;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the answer to a web request whose
 * lock was busy. Off unless {@code cross-process-lock.web.busy-status} is set.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass(RestControllerAdvice.class)
@ConditionalOnWebApplication
@ConditionalOnProperty("cross-process-lock.web.busy-status")
@EnableConfigurationProperties(LockProperties.class)
public final class LockWebAutoConfiguration {

	@Bean
	BusyLockAdvice crossProcessLockBusyAdvice(LockProperties properties) {
		return new BusyLockAdvice(properties.getWeb());
	}

}
