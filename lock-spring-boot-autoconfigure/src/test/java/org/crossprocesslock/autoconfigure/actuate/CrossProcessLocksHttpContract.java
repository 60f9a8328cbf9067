package org.crossprocesslock.autoconfigure.actuate;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.management.ObjectName;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.audit.AuditEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the endpoint as an operator calls it, and for what {@code docs/monitoring.md}
 * shows of it, whatever serves it.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class CrossProcessLocksHttpContract {

	private static final Path PAGE = Path.of("..", "docs", "monitoring.md");

	private static final Duration WAIT = Duration.ofMinutes(1);

	private final WebApplicationType type;

	private @Nullable WatchedApplication running;

	CrossProcessLocksHttpContract(WebApplicationType type) {
		this.type = type;
	}

	@BeforeAll
	void start() {
		this.running = new WatchedApplication("spring.main.web-application-type=" + this.type,
				"management.endpoint.crossprocesslocks.show-keys=always",
				"management.endpoint.crossprocesslocks.access=unrestricted");
	}

	@AfterAll
	void stop() {
		application().close();
	}

	private WatchedApplication application() {
		return Objects.requireNonNull(this.running);
	}

	private static void until(BooleanSupplier condition) throws InterruptedException {
		long deadline = System.nanoTime() + WAIT.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime() - deadline).isNegative();
			Thread.sleep(5);
		}
	}

	@Test
	void answersOverHttpAndJmxHaveTheFormThatThePageShows() throws Exception {
		LockRequest request = LockRequest.of("invoices", WAIT).withName("InvoiceNumbering.numberNext");
		LockRequest elsewhere = LockRequest.of("orders", WAIT).withName("import");
		try (LockGuard held = application().locks().lock(request);
				LockGuard heldElsewhere = application().other().lock(elsewhere)) {
			CompletableFuture<LockGuard> waits = application().locks().lockAsync(elsewhere);
			until(() -> json("").contains("orders@other/12"));
			assertSameForm("crossprocesslocks", json(""));
			assertSameForm("crossprocesslocks", jmx("locks", new Object[] { null, null, null }));
			assertSameForm("crossprocesslocks?store=keys", store(json("?store=keys&limit=1")));
			assertSameForm("crossprocesslocks?store=holders", store(json("?store=holders&limit=1")));
			assertSameForm("crossprocesslocks/orders", json("/orders"));
			assertSameForm("crossprocesslocks/orders", jmx("key", new Object[] { "orders" }));
			waits.cancel(false);
			assertThat(held.isHeld() && heldElsewhere.isHeld()).isTrue();
		}
	}

	private static Object store(String locks) {
		return JsonPath.<List<Object>>read(locks, "$.lockManagers..store").get(0);
	}

	private String json(String path) {
		try {
			HttpResponse<String> response = application().get("/crossprocesslocks" + path);
			assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
			return response.body();
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Object jmx(String operation, Object[] arguments) throws Exception {
		ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Crossprocesslocks");
		String[] types = Arrays.stream(ManagementFactory.getPlatformMBeanServer().getMBeanInfo(name).getOperations())
			.filter((candidate) -> candidate.getName().equals(operation))
			.flatMap((candidate) -> Arrays.stream(candidate.getSignature()))
			.map((parameter) -> parameter.getType())
			.toArray(String[]::new);
		return ManagementFactory.getPlatformMBeanServer().invoke(name, operation, arguments, types);
	}

	/** The example follows the line that names the request. */
	private static void assertSameForm(String request, Object answered) throws IOException {
		Matcher example = Pattern
			.compile(Pattern.quote("`GET /actuator/" + request + "`") + ".*?```json\n(.*?)```", Pattern.DOTALL)
			.matcher(Files.readString(PAGE));
		assertThat(example.find()).as("an example of " + request).isTrue();
		TreeSet<String> shown = new TreeSet<>();
		collect("", JsonPath.parse(example.group(1)).json(), shown);
		TreeSet<String> real = new TreeSet<>();
		collect("", (answered instanceof String text) ? JsonPath.parse(text).json() : answered, real);
		assertThat(real).as(request + ": " + answered).isEqualTo(shown);
	}

	/** Every path with the type of what is there; texts that are times are told apart. */
	private static void collect(String path, @Nullable Object json, Set<String> paths) {
		if (json instanceof Map<?, ?> map) {
			map.forEach((name, value) -> collect(path + "." + name, value, paths));
		}
		else if (json instanceof List<?> list) {
			list.forEach((value) -> collect(path + "[]", value, paths));
		}
		else {
			String text = String.valueOf(json);
			paths.add(path + ": " + ((json instanceof Number) ? "number" : (json instanceof Boolean) ? "boolean"
					: text.matches("-?PT.*") ? "duration" : text.matches("\\d{4}-.*Z") ? "time" : "text"));
		}
	}

	@Test
	void aKeyOfThisProcessIsReleasedForItsTokenOnly() throws Exception {
		LockGuard guard = application().locks().lock("mine", WAIT);
		HttpResponse<String> conflict = application()
			.delete("/crossprocesslocks/mine?token=" + (guard.fencingToken() + 1));
		assertThat(conflict.statusCode()).isEqualTo(409);
		assertThat(JsonPath.<List<Long>>read(conflict.body(), "$.lockManagers..held[0].token"))
			.containsExactly(guard.fencingToken());
		assertThat(guard.isHeld()).isTrue();
		assertThat(application().delete("/crossprocesslocks/mine?token=" + guard.fencingToken()).statusCode())
			.isEqualTo(204);
		assertThat(guard.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
		application().other().lock("mine", WAIT).close();
		assertThat(application().delete("/crossprocesslocks/mine?token=" + guard.fencingToken()).statusCode())
			.isEqualTo(404);
		assertThat(application().audited()).filteredOn((event) -> "mine".equals(event.getData().get("key")))
			.singleElement()
			.satisfies((event) -> {
				assertThat(event.getType()).isEqualTo("CROSS_PROCESS_LOCK_RELEASED");
				assertThat(event.getPrincipal()).isEqualTo("unknown");
				assertThat(event.getData()).containsEntry("token", guard.fencingToken());
			});
	}

	@Test
	void theLeaseOfAnotherProcessEndsForTheTokenOfTheStoreOnly() throws Exception {
		LockGuard guard = application().other().lock("theirs", WAIT);
		HttpResponse<String> conflict = application().delete("/crossprocesslocks/theirs?token=1");
		assertThat(conflict.statusCode()).isEqualTo(409);
		assertThat(conflict.body()).contains("orders@other/12");
		assertThat(guard.isHeld()).isTrue();
		assertThat(application().delete("/crossprocesslocks/theirs?token=" + guard.fencingToken()).statusCode())
			.isEqualTo(204);
		try (LockGuard next = application().locks().lock("theirs", WAIT)) {
			assertThat(guard.isHeld()).isFalse();
			assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
		}
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close)
			.withMessageContaining("ended by another process or an operator");
		application().other().lock("theirs", WAIT).close();
		assertThat(application().audited()).filteredOn((event) -> "theirs".equals(event.getData().get("key")))
			.singleElement()
			.extracting(AuditEvent::getType)
			.isEqualTo("CROSS_PROCESS_LOCK_LEASE_ENDING");
	}

	@Test
	void aKeyThatNobodyHoldsIsNotFound() throws Exception {
		assertThat(application().delete("/crossprocesslocks/nobody?token=1").statusCode()).isEqualTo(404);
		application().locks().lock("free", WAIT).close();
		assertThat(application().delete("/crossprocesslocks/free?token=1").statusCode()).isEqualTo(404);
		assertThat(json("/nobody")).contains("\"held\":[]");
	}

	@Test
	void whatMakesNoSenseIsABadRequest() throws Exception {
		for (String path : List.of("?limit=0", "?limit=-1", "?limit=10001", "?limit=many", "?store=everything",
				"?store=keys&after=%00", "?store=holders&after=%27", "?store=keys&after=" + "a".repeat(201), "/.key",
				"/%00", "/" + "a".repeat(201), "/k%C3%A4y")) {
			assertThat(application().get("/crossprocesslocks" + path).statusCode()).as(path).isEqualTo(400);
		}
		assertThat(application().delete("/crossprocesslocks/key").statusCode()).as("no token").isEqualTo(400);
		assertThat(application().delete("/crossprocesslocks/.key?token=1").statusCode()).as("no key").isEqualTo(400);
		assertThat(application().delete("/crossprocesslocks/key?token=1&lockManager=none").statusCode()).isEqualTo(400);
	}

	@Test
	void keysArePagedToTheEnd() throws Exception {
		for (int i = 0; i < 5; i++) {
			application().locks().lock("page-" + i, WAIT).close();
		}
		TreeSet<String> found = new TreeSet<>();
		String after = "";
		while (after != null) {
			String page = json("?store=keys&limit=2" + (after.isEmpty() ? "" : "&after=" + after));
			found.addAll(JsonPath.<List<String>>read(page, "$.lockManagers..store.keys[*].key"));
			List<String> next = JsonPath.read(page, "$.lockManagers..store.next");
			after = next.isEmpty() ? null : next.get(0);
		}
		assertThat(found).contains("page-0", "page-1", "page-2", "page-3", "page-4");
	}

	@Test
	void healthAndInfoTellOfTheLocks() throws Exception {
		until(() -> "UP".equals(health().read("$.components.crossProcessLock.status")));
		assertThat(health().<List<String>>read("$.components.crossProcessLock.details.lockManagers..status"))
			.containsExactly("OPEN");
		assertThat(application().get("/health").body()).doesNotContain("\"key\"");
		assertThat(application().get("/health/readiness").body()).doesNotContain("crossProcessLock");
		String info = application().get("/info").body();
		assertThat(JsonPath.<String>read(info, "$.crossProcessLock.backend")).isEqualTo("jdbc");
		assertThat(JsonPath.<String>read(info, "$.crossProcessLock.reach")).isEqualTo("THREADS");
	}

	private DocumentContext health() {
		try {
			return JsonPath.parse(application().get("/health").body());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Nobody keeps it by a guard, and yet it is not to be had. */
	@Test
	void aKeyThatIsKeptIsShownAndReleased() throws Exception {
		String body = json("?store=keys&limit=10000");
		assertThat(body).doesNotContain("\"kept-key\"");
		LockRequest request = LockRequest.of("kept-key", Duration.ZERO).holdingAtLeast(Duration.ofMinutes(10));
		LockGuard guard = application().locks().lock(request);
		long token = guard.fencingToken();
		guard.close();
		assertThat(application().other().tryLock("kept-key")).isEmpty();
		String key = json("/kept-key");
		assertThat(JsonPath.<List<String>>read(key, "$..keptFor")).singleElement()
			.satisfies((left) -> assertThat(Duration.parse(left)).isBetween(Duration.ofMinutes(8),
					Duration.ofMinutes(10)));
		assertThat(JsonPath.<List<String>>read(json("?store=keys&limit=10000"),
				"$.lockManagers..store.keys[?(@.key=='kept-key')].keptFor"))
			.hasSize(1);
		assertThat(application().delete("/crossprocesslocks/kept-key?token=" + (token + 1)).statusCode())
			.isEqualTo(409);
		assertThat(application().other().tryLock("kept-key")).isEmpty();
		assertThat(application().delete("/crossprocesslocks/kept-key?token=" + token).statusCode()).isEqualTo(204);
		application().other().tryLock("kept-key").orElseThrow().close();
		assertThat(JsonPath.<List<String>>read(json("/kept-key"), "$..keptFor")).isEmpty();
	}

}
