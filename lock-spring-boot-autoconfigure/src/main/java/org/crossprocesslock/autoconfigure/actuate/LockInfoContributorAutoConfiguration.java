package org.crossprocesslock.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the info endpoint says about
 * locks.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@ConditionalOnClass({ InfoContributor.class, ConditionalOnEnabledInfoContributor.class })
@ConditionalOnBean(LockBackend.class)
@ConditionalOnEnabledInfoContributor("cross-process-lock")
public final class LockInfoContributorAutoConfiguration {

	@Bean
	InfoContributor crossProcessLockInfoContributor(ObjectProvider<LockBackend> backends) {
		return (info) -> backends.ifAvailable((backend) -> info.withDetail("crossProcessLock", details(backend)));
	}

	private static Map<String, String> details(LockBackend backend) {
		Map<String, String> details = new LinkedHashMap<>();
		details.put("backend", backend.name());
		details.put("reason", backend.reason());
		details.put("reach", backend.reach().name());
		details.put("reachReason", backend.reachReason());
		String version = LockManager.class.getPackage().getImplementationVersion();
		if (version != null) {
			details.put("version", version);
		}
		return details;
	}

}
