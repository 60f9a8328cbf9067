package org.crossprocesslock.autoconfigure.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.LockNames;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the meters. A manager of the
 * application's own feeds them if it is given the {@code LockListener} bean.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, LockManager.class })
public final class LockMetricsAutoConfiguration {

	@Bean
	MeterFactory crossProcessLockMeterFactory(ObjectProvider<MeterRegistry> registries,
			ObjectProvider<LockBackend> backend) {
		LockBackend chosen = backend.getIfAvailable();
		return new MeterFactory(registry(registries), (chosen != null) ? chosen.name() : "custom");
	}

	/**
	 * Boot makes a primary one of several, unless its own auto-configuration of them is
	 * excluded.
	 */
	private static MeterRegistry registry(ObjectProvider<MeterRegistry> registries) {
		MeterRegistry only = registries.getIfUnique();
		return (only != null) ? only : new CompositeMeterRegistry(Clock.SYSTEM, registries.stream().toList());
	}

	@Bean
	@ConditionalOnMissingBean
	MicrometerLockListener crossProcessLockMicrometerListener(MeterFactory meters) {
		return new MicrometerLockListener(meters);
	}

	@Bean
	StandingMeters crossProcessLockStandingMeters(MeterFactory meters, MicrometerLockListener listener,
			ObjectProvider<LockManager> manager, ObjectProvider<LockNames> names,
			ObjectProvider<TransactionFencing> fencing) {
		return new StandingMeters(meters, listener, manager, names, fencing);
	}

}
