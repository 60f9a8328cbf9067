package org.crossprocesslock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Guards that share a key, however busy the machine is: backends that hear of nobody let
 * a guard be joined for a moment only, but give the key to all who wait at once.
 */
public final class SharedGuards {

	private SharedGuards() {
	}

	/**
	 * Takes a key that is free, shared.
	 * @param manager who takes it
	 * @param key the key
	 * @param count how many guards are to share it
	 * @return the guards
	 * @throws Exception if they cannot be had
	 */
	public static List<LockGuard> take(LockManager manager, String key, int count) throws Exception {
		LockRequest shared = LockRequest.of(key, Eventually.LIMIT).withMode(LockMode.SHARED_IN_PROCESS);
		List<CompletableFuture<LockGuard>> waiting = new ArrayList<>();
		LockGuard before = manager.lock(key, Eventually.LIMIT);
		for (int i = 0; i < count; i++) {
			waiting.add(manager.lockAsync(shared));
		}
		before.close();
		List<LockGuard> guards = new ArrayList<>();
		for (CompletableFuture<LockGuard> each : waiting) {
			guards.add(each.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS));
		}
		return guards;
	}

}
