package org.crossprocesslock.autoconfigure.web;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.EnableWebFlux;
import org.springframework.web.reactive.config.WebFluxConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client of WebFlux is told while others hold a key. */
class ReactiveBusyLockAdviceTests {

	private final ReactiveWebApplicationContextRunner contextRunner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockWebAutoConfiguration.class,
				CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(Web.class);

	private static WebTestClient client(ApplicationContext context) {
		return WebTestClient.bindToApplicationContext(context).build();
	}

	private static LockGuard hold(ApplicationContext context) {
		return context.getBean(LockManager.class).tryLock("customer-4711").orElseThrow();
	}

	@ParameterizedTest
	@CsvSource({ "423, 1s, 1", "503, 90s, 90", "503, 1100ms, 2", "429, 0s, 1" })
	void aBusyLockIsAnsweredWithTheStatus(int status, String after, String seconds) {
		this.contextRunner
			.withPropertyValues("cross-process-lock.web.busy-status=" + status,
					"cross-process-lock.web.retry-after=" + after)
			.run((context) -> {
				for (String path : new String[] { "/mono", "/flux", "/blocking" }) {
					client(context).get()
						.uri(path)
						.exchange()
						.expectStatus()
						.isOk()
						.expectBody(String.class)
						.value((body) -> assertThat(body).startsWith("bill"));
					try (LockGuard guard = hold(context)) {
						client(context).get()
							.uri(path)
							.exchange()
							.expectStatus()
							.isEqualTo(status)
							.expectHeader()
							.valueEquals(HttpHeaders.RETRY_AFTER, seconds)
							.expectHeader()
							.contentType(MediaType.APPLICATION_PROBLEM_JSON)
							.expectBody(String.class)
							.value((body) -> assertThat(body).contains("Try again later")
								.doesNotContain(guard.key())
								.doesNotContain("customer"));
					}
				}
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "/mono", "/flux", "/blocking" })
	void anExceptionIsLeftAloneUnlessAskedFor(String path) {
		this.contextRunner.run((context) -> {
			try (LockGuard guard = hold(context)) {
				client(context).get()
					.uri(path)
					.exchange()
					.expectStatus()
					.isEqualTo(HttpStatus.INTERNAL_SERVER_ERROR)
					.expectHeader()
					.doesNotExist(HttpHeaders.RETRY_AFTER);
				assertThat(guard.isHeld()).isTrue();
			}
		});
	}

	@Test
	void aHandlerOfTheApplicationComesFirst() {
		this.contextRunner.withUserConfiguration(Own.class)
			.withPropertyValues("cross-process-lock.web.busy-status=423")
			.run((context) -> {
				try (LockGuard guard = hold(context)) {
					client(context).get().uri("/mono").exchange().expectStatus().isEqualTo(HttpStatus.BAD_GATEWAY);
					assertThat(guard.isHeld()).isTrue();
				}
			});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebFlux
	static class Web implements WebFluxConfigurer {

		/** So that a method may wait for its lock. */
		@Override
		public void configureBlockingExecution(BlockingExecutionConfigurer blocking) {
			blocking.setExecutor(new SimpleAsyncTaskExecutor("blocking-"));
		}

		@Bean
		LockManager locks() {
			return new MemoryLockManager();
		}

		@Bean
		Bills bills() {
			return new Bills();
		}

	}

	@RestController
	static class Bills {

		@GetMapping("/mono")
		@CrossProcessLocked(key = "customer-4711", waitTime = "0s")
		public Mono<String> mono() {
			return Mono.just("bill");
		}

		@GetMapping("/flux")
		@CrossProcessLocked(key = "customer-4711", waitTime = "10ms")
		public Flux<String> flux() {
			return Flux.just("bill", "bill");
		}

		@GetMapping("/blocking")
		@CrossProcessLocked(key = "customer-4711", waitTime = "0s")
		public String blocking() {
			return "bill";
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
