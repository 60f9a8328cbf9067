package org.crossprocesslock.autoconfigure.actuate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import com.jayway.jsonpath.JsonPath;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.WebApplicationType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the endpoint where operators have put it, and with as many keys as there may
 * be.
 */
class EndpointPlacesTests {

	private static final int MANY = 10_000;

	/** Of two servers that are both there for WebFlux, Spring Boot cannot choose. */
	private static final String ONE_SERVER = "spring.autoconfigure.exclude=org.springframework.boot.tomcat."
			+ "autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration";

	private static WatchedApplication start(WebApplicationType type, String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add("spring.main.web-application-type=" + type);
		all.add("management.endpoint.crossprocesslocks.show-keys=always");
		all.add("management.endpoint.crossprocesslocks.access=unrestricted");
		return new WatchedApplication(all.toArray(String[]::new));
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void answersUnderAnotherNameOnAnotherPort(WebApplicationType type) throws Exception {
		try (WatchedApplication application = start(type, ONE_SERVER, "management.server.port=0",
				"management.endpoints.web.base-path=/ops",
				"management.endpoints.web.path-mapping.crossprocesslocks=locks")) {
			LockGuard guard = application.locks().lock("order", Duration.ZERO);
			assertThat(application.get("/locks").body()).contains("\"order\"");
			assertThat(
					JsonPath.<List<Long>>read(application.get("/locks/order").body(), "$.lockManagers..held[0].token"))
				.containsExactly(guard.fencingToken());
			assertThat(application.get("/crossprocesslocks").statusCode()).isEqualTo(404);
			assertThat(application.getOfApplication("/ops/locks").statusCode()).isEqualTo(404);
			assertThat(application.delete("/locks/order?token=" + guard.fencingToken()).statusCode()).isEqualTo(204);
			assertThat(guard.isHeld()).isFalse();
		}
	}

	@Tag("full")
	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void manyKeysAreListedInOneAnswer(WebApplicationType type) throws Exception {
		try (WatchedApplication application = start(type)) {
			List<CompletableFuture<LockGuard>> asked = IntStream.range(0, MANY)
				.mapToObj((i) -> application.locks().lockAsync(LockRequest.of("key-" + i, Duration.ofMinutes(1))))
				.toList();
			asked.forEach(CompletableFuture::join);
			String all = application.get("/crossprocesslocks?limit=" + MANY).body();
			assertThat(JsonPath.<List<String>>read(all, "$.lockManagers..held[*].key")).hasSize(MANY)
				.doesNotHaveDuplicates();
			String stored = application.get("/crossprocesslocks?store=keys&limit=" + MANY).body();
			assertThat(JsonPath.<List<String>>read(stored, "$.lockManagers..store.keys[*].key")).hasSize(MANY);
			String some = application.get("/crossprocesslocks").body();
			assertThat(JsonPath.<List<Integer>>read(some, "$.lockManagers..guards")).containsExactly(MANY);
		}
	}

}
