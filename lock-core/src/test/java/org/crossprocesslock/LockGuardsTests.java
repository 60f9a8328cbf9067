package org.crossprocesslock;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Tests for guards of any managers as one. */
class LockGuardsTests {

	private final List<String> closed = new ArrayList<>();

	@Test
	void allAreClosedWhateverTheCloseOfOneThrows() {
		LockGuards guards = LockGuards.of(List.of(guard("a"), guard("b"), guard("c")));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(guards::close)
			.withMessage("c")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).extracting(Throwable::getMessage)
				.containsExactlyInAnyOrder("b", "a"));
		assertThat(this.closed).containsExactly("c", "b", "a");
	}

	@Test
	void allAreClosedWhateverThePromisedCloseOfOneThrows() {
		LockGuards guards = LockGuards.of(List.of(guard("a"), guard("b"), guard("c")));
		assertThat(guards.closeAsync()).failsWithin(Duration.ZERO)
			.withThrowableThat()
			.havingCause()
			.withMessage("a")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).extracting(Throwable::getMessage)
				.containsExactlyInAnyOrder("b", "c"));
		assertThat(this.closed).containsExactlyInAnyOrder("a", "b", "c");
	}

	@Test
	void aPromisedCloseEndsWhenGuardsFailWithTheSame() {
		CompletableFuture<Void> failed = CompletableFuture.failedFuture(new AssertionError("of both"));
		LockGuards guards = LockGuards.of(List.of(guard("a", failed), guard("b", failed)));
		assertThat(guards.closeAsync()).failsWithin(Duration.ZERO)
			.withThrowableThat()
			.havingCause()
			.withMessage("of both");
	}

	private LockGuard guard(String key, CompletableFuture<Void> closed) {
		return (LockGuard) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { LockGuard.class },
				(self, method, arguments) -> method.getName().equals("closeAsync") ? closed : key);
	}

	private LockGuard guard(String key) {
		return (LockGuard) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { LockGuard.class },
				(self, method, arguments) -> {
					if (method.getName().startsWith("close")) {
						this.closed.add(key);
						throw new AssertionError(key);
					}
					return key;
				});
	}

}
