package org.crossprocesslock.integration;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.support.locks.LockRegistry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LockRegistryAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class LockRegistryAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, LockRegistryAutoConfiguration.class))
		.withPropertyValues("cross-process-lock.backend=memory");

	private final ApplicationContextRunner enabled = this.runner
		.withPropertyValues("cross-process-lock.integration.enabled=true");

	@Test
	void nothingIsThereUnlessItIsAskedFor() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockRegistry.class));
	}

	@Test
	void registryTakesTheLocksOfTheApplication() {
		this.enabled.run((context) -> context.getBean(CrossProcessLockRegistry.class)
			.executeLocked("key", () -> assertThat(context.getBean(LockManager.class).tryLock("key")).isEmpty()));
	}

	@Test
	void registryOfTheApplicationStaysAndIsNamed(CapturedOutput output) {
		this.enabled.withBean("left", DefaultLockRegistry.class)
			.run((context) -> assertThat(context).getBean(LockRegistry.class).isInstanceOf(DefaultLockRegistry.class));
		assertThat(output).contains("cross-process-lock.integration.enabled=true has no effect", "[left]");
	}

	@Test
	void registryIsNotNamedWhereItIsUsed(CapturedOutput output) {
		this.enabled.run((context) -> assertThat(context).hasSingleBean(CrossProcessLockRegistry.class));
		assertThat(output).doesNotContain("no effect");
	}

	/** As in an application that was processed ahead of time. */
	@Test
	void propertyThatComesAfterTheConditionsIsRefused() {
		this.runner
			.withBean(BeanFactoryPostProcessor.class,
					() -> (beans) -> TestPropertyValues.of("cross-process-lock.integration.enabled=true")
						.applyTo(beans.getBean(ConfigurableEnvironment.class)))
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("processed ahead of time (AOT) without cross-process-lock.integration.enabled"));
	}

	@Test
	void withoutLocksThereIsNoRegistry() {
		this.enabled.withPropertyValues("cross-process-lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockRegistry.class));
	}

}
