package org.crossprocesslock.autoconfigure;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of nothing, which makes sure that
 * nothing was still wanted when the application starts.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnLocksEnabled(false)
public final class DisabledLockAutoConfiguration {

	@Bean
	static SmartInitializingSingleton crossProcessLocksStayDisabled(Environment environment) {
		return () -> {
			if (OnLocksEnabled.isEnabled(environment)) {
				throw new RefusedStartException(
						"This application was processed ahead of time (AOT) with " + OnLocksEnabled.PROPERTY
								+ "=false, so it has no cross-process locks, but now they are " + "enabled.",
						"Process it again with " + OnLocksEnabled.PROPERTY + "=true, or set " + OnLocksEnabled.PROPERTY
								+ "=false.",
						null);
			}
		};
	}

}
