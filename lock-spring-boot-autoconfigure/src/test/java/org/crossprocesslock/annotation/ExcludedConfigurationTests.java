package org.crossprocesslock.annotation;

import java.util.Arrays;
import java.util.Objects;

import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests that nothing runs unlocked where a part of the auto-configuration was excluded.
 */
class ExcludedConfigurationTests {

	private static ConfigurableApplicationContext start(Class<?> beans, Class<?>... excluded) {
		String[] names = Arrays.stream(excluded).map(Class::getName).toArray(String[]::new);
		return new SpringApplicationBuilder(Application.class, beans).web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "cross-process-lock.backend=memory",
					"spring.flyway.enabled=false", "spring.liquibase.enabled=false",
					"spring.autoconfigure.exclude=" + String.join(",", names))
			.run();
	}

	@ParameterizedTest
	@ValueSource(classes = { Plain.class, Produced.class })
	void annotatedMethodsAreRefusedWithoutTheirConfiguration(Class<?> beans) {
		assertThatThrownBy(() -> start(beans, CrossProcessLockedAutoConfiguration.class)).rootCause()
			.isInstanceOf(LockedMethodException.class)
			.hasMessageContaining("ExcludedConfigurationTests$Work.run")
			.hasMessageContaining("CrossProcessLockedAutoConfiguration is not there")
			.hasMessageContaining("Do not exclude it (spring.autoconfigure.exclude")
			.hasMessageContaining("@EnableAutoConfiguration")
			.hasMessageContaining("@AutoConfigureCrossProcessLock");
	}

	@Test
	void nothingIsRefusedWhereNothingIsAnnotated() {
		try (ConfigurableApplicationContext context = start(Mocked.class, CrossProcessLockedAutoConfiguration.class)) {
			assertThat(context.isActive()).isTrue();
		}
	}

	@Test
	void annotatedMethodsAreRefusedWithoutAManager() {
		assertThatThrownBy(() -> start(Plain.class, LockAutoConfiguration.class)).rootCause()
			.hasMessageContaining("there is no LockManager bean")
			.hasMessageContaining("what excludes LockAutoConfiguration");
	}

	@Test
	void annotatedMethodsAreRefusedWithoutWhatChecksTransactions() {
		assertThatThrownBy(() -> start(Plain.class, FencingAutoConfiguration.class))
			.hasMessageContaining("there is no TransactionFencing bean")
			.hasMessageContaining("Do not exclude FencingAutoConfiguration");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

		@Bean
		Work work() {
			return new Work();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Produced {

		@Bean
		FactoryBean<Work> work() {
			return new FactoryBean<>() {

				@Override
				public Work getObject() {
					return new Work();
				}

				@Override
				public Class<?> getObjectType() {
					return Work.class;
				}

			};
		}

		@Bean
		Object needsIt(Work work) {
			return Objects.requireNonNull(work).toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Mocked {

		@Bean
		Work work() {
			return Mockito.mock(Work.class);
		}

	}

	/** Work under a lock. */
	static class Work {

		@CrossProcessLocked(key = "work")
		public void run() {
		}

	}

}
