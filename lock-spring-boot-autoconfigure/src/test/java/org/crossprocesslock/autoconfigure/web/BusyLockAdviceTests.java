package org.crossprocesslock.autoconfigure.web;

import java.time.Duration;
import java.util.Map;

import org.crossprocesslock.LockTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.HttpStatus;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

import static org.assertj.core.api.Assertions.assertThat;

class BusyLockAdviceTests {

	private final WebApplicationContextRunner contextRunner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockWebAutoConfiguration.class))
		.withUserConfiguration(Web.class);

	@ParameterizedTest
	@CsvSource({ "423, 1s, 1", "503, 90s, 90", "503, 1100ms, 2", "423, 0s, 1" })
	void aBusyLockIsAnsweredWithTheStatus(int status, String after, String seconds) {
		this.contextRunner
			.withPropertyValues("cross-process-lock.web.busy-status=" + status,
					"cross-process-lock.web.retry-after=" + after)
			.run((context) -> assertThat(mvc(context).get().uri("/bill")).hasStatus(status)
				.hasHeader("Retry-After", seconds)
				.hasContentType("application/problem+json")
				.body()
				.asString()
				.doesNotContain("customer")
				.contains("Try again later"));
	}

	@Test
	void anExceptionIsLeftAloneUnlessAskedFor() {
		this.contextRunner.run((context) -> {
			assertThat(context).doesNotHaveBean(BusyLockAdvice.class);
			assertThat(mvc(context).get().uri("/bill")).hasFailed()
				.failure()
				.hasRootCauseInstanceOf(LockTimeoutException.class);
		});
	}

	@Test
	void aHandlerOfTheApplicationComesFirst() {
		this.contextRunner.withUserConfiguration(Own.class)
			.withPropertyValues("cross-process-lock.web.busy-status=423")
			.run((context) -> assertThat(mvc(context).get().uri("/bill")).hasStatus(HttpStatus.BAD_GATEWAY));
	}

	@Test
	void aStatusThatSaysSomethingElseIsRefused() {
		this.contextRunner.withPropertyValues("cross-process-lock.web.busy-status=500")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("423, 503, 409 or 429"));
	}

	/** As in an application that was processed ahead of time. */
	@Test
	void aStatusThatComesAfterTheConditionsIsRefused() {
		this.contextRunner
			.withBean(BeanFactoryPostProcessor.class,
					() -> (beans) -> TestPropertyValues.of("cross-process-lock.web.busy-status=423")
						.applyTo(beans.getBean(ConfigurableEnvironment.class)))
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("processed ahead of time (AOT) without cross-process-lock.web.busy-status"));
	}

	@Test
	void aStatusThatGoesAfterTheConditionsIsRefused() {
		this.contextRunner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("passing", Map.of("cross-process-lock.web.busy-status", "423"))))
			.withBean(BeanFactoryPostProcessor.class,
					() -> (beans) -> beans.getBean(ConfigurableEnvironment.class)
						.getPropertySources()
						.remove("passing"))
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("processed ahead of time (AOT) with cross-process-lock.web.busy-status"));
	}

	@Test
	void nothingIsDoneWithoutAWebApplication() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LockWebAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.web.busy-status=423")
			.run((context) -> assertThat(context).doesNotHaveBean(BusyLockAdvice.class));
	}

	private static MockMvcTester mvc(WebApplicationContext context) {
		return MockMvcTester.from(context);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebMvc
	@RestController
	static class Web {

		@GetMapping("/bill")
		String bill() {
			throw new LockTimeoutException("customer-4711", Duration.ofSeconds(5), null);
		}

	}

	@ControllerAdvice
	static class Own {

		@ExceptionHandler(LockTimeoutException.class)
		@ResponseStatus(HttpStatus.BAD_GATEWAY)
		void busy() {
		}

	}

}
