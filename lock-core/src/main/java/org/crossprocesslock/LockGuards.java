package org.crossprocesslock;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Proof of holding several keys, all of them or none, until it closes or one of them is
 * lost. Each key has a {@link LockGuard} of its own in it, with which it can be asked
 * about and even closed earlier.
 *
 * <pre class="code">
 * try (LockGuards accounts = locks.lockAll(Set.of("account-1", "account-2"), Duration.ofSeconds(5))) {
 * 	transfer(amount, accounts.guard("account-2").fencingToken());
 * }
 * </pre>
 *
 * Safe from any thread.
 *
 * @see LockManager#lockAll
 * @since 0.1.0
 */
public interface LockGuards extends AutoCloseable {

	/** Most keys that can be asked for at once. */
	int MAX_KEYS = 100;

	/**
	 * Guards that belong together, for a {@link LockManager} of one's own.
	 * @param guards open guards of different keys
	 * @return all of them as one
	 */
	static LockGuards of(Collection<? extends LockGuard> guards) {
		return new GuardsInOrder(guards);
	}

	/**
	 * The guards, each once, in the order of their keys.
	 * @return at least one guard
	 */
	List<LockGuard> guards();

	/**
	 * The keys, each once, in the order in which they are taken.
	 * @return at least one key
	 */
	default List<String> keys() {
		return guards().stream().map(LockGuard::key).toList();
	}

	/**
	 * The guard of one of the keys, for its fencing token and its dirty flag.
	 * @param key one of {@link #keys()}
	 * @return its guard
	 * @throws IllegalArgumentException if it is none of them
	 */
	default LockGuard guard(String key) {
		return guards().stream()
			.filter((guard) -> guard.key().equals(key))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("Key '" + key + "' is none of " + keys()));
	}

	/**
	 * Whether all keys are certainly held at this moment, see {@link LockGuard#isHeld()}.
	 * @return {@code false} if one of the guards is closed, lost, or its lease may have
	 * run out
	 */
	default boolean isHeld() {
		return guards().stream().allMatch(LockGuard::isHeld);
	}

	/**
	 * Goes on if all keys are certainly held.
	 * @throws LockLostException if one of the guards was lost
	 * @throws IllegalStateException if one of the guards was closed
	 */
	default void checkHeld() {
		guards().forEach(LockGuard::checkHeld);
	}

	/**
	 * Has the callback run once if one or more of the guards are lost, see
	 * {@link LockGuard#onLost(Runnable)}.
	 * @param callback what to do about the loss
	 */
	default void onLost(Runnable callback) {
		AtomicBoolean told = new AtomicBoolean();
		guards().forEach((guard) -> guard.onLost(() -> {
			if (told.compareAndSet(false, true)) {
				callback.run();
			}
		}));
	}

	/**
	 * Releases all keys, see {@link LockGuard#close()}. Whatever happens with one of
	 * them, the others are released too.
	 * @throws LockLostException if one of the guards was lost while it was open, with
	 * those of the others suppressed
	 */
	@Override
	void close();

	/**
	 * As {@link #close()}, for a caller that must not wait, see
	 * {@link LockGuard#closeAsync()}. All releases are on their way when this returns.
	 * @return completes when all keys are released, and fails as {@code close()} would
	 */
	default CompletableFuture<Void> closeAsync() {
		return GuardsInOrder.closeAsync(guards());
	}

}
