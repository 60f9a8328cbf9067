package org.crossprocesslock;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests that no work runs without a lock where a manager answers {@code null}, as a mock
 * does.
 */
class NullAnsweringManagerTests {

	private static final LockRequest REQUEST = LockRequest.of("key", Duration.ZERO);

	private final LockManager manager = (LockManager) Proxy.newProxyInstance(LockManager.class.getClassLoader(),
			new Class<?>[] { LockManager.class },
			(proxy, method, args) -> method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, args) : null);

	private final List<String> done = new ArrayList<>();

	@Test
	void callLockedDoesNotRunTheWork() {
		assertThatIllegalStateException()
			.isThrownBy(() -> this.manager.callLocked(REQUEST, () -> this.done.add("work")))
			.withMessageContaining("null instead of a guard");
		assertThat(this.done).isEmpty();
	}

	@Test
	void runLockedDoesNotRunTheWork() {
		assertThatIllegalStateException().isThrownBy(() -> this.manager.runLocked(REQUEST, () -> this.done.add("work")))
			.withMessageContaining("null instead of a guard");
		assertThat(this.done).isEmpty();
	}

	@Test
	void lockOfAKeyDoesNotAnswerNull() {
		assertThatIllegalStateException().isThrownBy(() -> this.manager.lock("key", Duration.ZERO))
			.withMessageContaining("null instead of a guard");
	}

}
