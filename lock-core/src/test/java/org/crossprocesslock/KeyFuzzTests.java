package org.crossprocesslock;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.memory.MemoryLockManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Any text as a key: taken or refused by the rule, and refused before anything is done.
 */
class KeyFuzzTests {

	/** The rule once more, in other words than the product's. */
	private static final Pattern RULE = Pattern.compile("[A-Za-z0-9]|[A-Za-z0-9][-A-Za-z0-9_.]{0,198}[A-Za-z0-9]");

	private static final Set<String> KEYS_SENT = ConcurrentHashMap.newKeySet();

	private static final RecordingListener LISTENER = new RecordingListener();

	private static final LockManager OVER_A_STORE = new LeaseLockManager(storeThatIsNeverAsked(),
			LeaseOptions.defaults(), "fuzz", LISTENER);

	private static final LockManager IN_MEMORY = new MemoryLockManager(LISTENER);

	@Provide
	Arbitrary<String> anything() {
		return KeyArbitraries.anything();
	}

	@AfterContainer
	static void closeManagers() {
		OVER_A_STORE.close();
		IN_MEMORY.close();
	}

	@Property(tries = 2000)
	void aKeyIsTakenIfAndOnlyIfItFollowsTheRule(@ForAll("anything") String key) {
		if (RULE.matcher(key).matches()) {
			assertThat(LockRequest.of(key, Duration.ZERO).key()).isEqualTo(key);
		}
		else {
			assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.of(key, Duration.ZERO))
				.satisfies((ex) -> namesTheKeyAndTheRule(String.valueOf(ex.getMessage()), key));
		}
	}

	@Property(tries = 500)
	void aBadKeyIsRefusedBeforeTheStoreOrTheListenerHearsOfIt(@ForAll("anything") String key) {
		if (RULE.matcher(key).matches()) {
			return;
		}
		for (LockManager manager : new LockManager[] { OVER_A_STORE, IN_MEMORY }) {
			assertThatIllegalArgumentException().isThrownBy(() -> manager.tryLock(key))
				.satisfies((ex) -> namesTheKeyAndTheRule(String.valueOf(ex.getMessage()), key));
			assertThatIllegalArgumentException().isThrownBy(() -> manager.lock(key, Duration.ofSeconds(1)));
			assertThatIllegalArgumentException()
				.isThrownBy(() -> manager.lockAsync(LockRequest.of(key, Duration.ofSeconds(1))));
		}
		assertThat(KEYS_SENT).isEmpty();
		assertThat(LISTENER.about(LockRequest.UNNAMED)).isEmpty();
	}

	/** Short, on one line, and harmless on a terminal, whatever the key is. */
	private static void namesTheKeyAndTheRule(String message, String key) {
		assertThat(message).matches("[ -~]*")
			.hasSizeLessThan(600)
			.contains("(" + key.length() + " characters)")
			.endsWith(KeyContract.RULE);
		String beginning = key.substring(0, Math.min(key.length(), 60));
		if (Pattern.matches("[ -~]*", beginning)) {
			assertThat(message).startsWith("Key '" + beginning + ((key.length() > 60) ? "...'" : "'"));
		}
	}

	/** Leases are kept; any statement about a key is remembered. */
	private static LeaseStore storeThatIsNeverAsked() {
		InvocationHandler handler = (store, method, arguments) -> switch (method.getName()) {
			case "answerLimit" -> Duration.ofSeconds(1);
			case "renew" -> true;
			case "session" -> "";
			case "open", "end", "listen", "close", "purge" -> null;
			default -> {
				KEYS_SENT.add(method.getName());
				throw new AssertionError(method + " was called");
			}
		};
		return (LeaseStore) Proxy.newProxyInstance(KeyFuzzTests.class.getClassLoader(),
				new Class<?>[] { LeaseStore.class }, handler);
	}

}
