package org.crossprocesslock.autoconfigure.web;

import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.autoconfigure.ProcessedAheadOfTime;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
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
@EnableConfigurationProperties(LockProperties.class)
public final class LockWebAutoConfiguration {

	private static final String BUSY_STATUS = "cross-process-lock.web.busy-status";

	@Bean
	@ConditionalOnProperty(BUSY_STATUS)
	BusyLockAdvice crossProcessLockBusyAdvice(LockProperties properties) {
		return new BusyLockAdvice(properties.getWeb());
	}

	@Bean
	static SmartInitializingSingleton crossProcessLockBusyStatusStays(LockProperties properties,
			ObjectProvider<BusyLockAdvice> advice) {
		return () -> ProcessedAheadOfTime.requireSame(BUSY_STATUS, properties.getWeb().getBusyStatus() != null,
				advice.getIfAvailable() != null);
	}

}
