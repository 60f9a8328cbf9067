package org.crossprocesslock.lease;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many statements several keys cost on a store that takes its time: no statement ends
 * before all keys are asked for.
 */
class SeveralKeysStatementsTests {

	private static final int KEYS = 50;

	private final Map<String, Integer> calls = new ConcurrentHashMap<>();

	private final CountDownLatch requested = new CountDownLatch(KEYS);

	private final CountDownLatch released = new CountDownLatch(KEYS);

	private final LeaseLockManager manager = new LeaseLockManager(
			slow(new SimulatedStore(() -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
					Eventually.LIMIT)),
			LeaseOptions.defaults().withLeaseDuration(Eventually.LIMIT.multipliedBy(4)), "statements",
			new LockListener() {

				@Override
				public void onRequested(LockRequest request) {
					SeveralKeysStatementsTests.this.requested.countDown();
				}

				@Override
				public void onReleased(LockRequest request, long fencingToken, Duration held) {
					SeveralKeysStatementsTests.this.released.countDown();
				}
			});

	@AfterEach
	void close() {
		this.manager.close();
	}

	private LeaseStore slow(LeaseStore store) {
		return (LeaseStore) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { LeaseStore.class },
				(proxy, method, arguments) -> {
					this.calls.merge(method.getName(), 1, Integer::sum);
					switch (method.getName()) {
						case "acquire" -> untilAll(this.requested);
						case "release" -> untilAll(this.released);
						default -> {
						}
					}
					try {
						return method.invoke(store, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	private static void untilAll(CountDownLatch latch) throws InterruptedException {
		assertThat(latch.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void keysThatAreFreeAreAcquiredAndReleasedTogether() throws InterruptedException {
		List<String> keys = IntStream.range(0, KEYS)
			.mapToObj((i) -> String.format(Locale.ROOT, "key-%02d", i))
			.toList();
		try (LockGuards guards = this.manager.lockAll(keys, Eventually.LIMIT)) {
			assertThat(guards.guards()).hasSize(KEYS);
			assertThat(this.calls.get("acquire")).isBetween(1, 3);
		}
		assertThat(this.calls.get("release")).isBetween(1, 3);
	}

}
