package org.crossprocesslock.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockLostException;
import org.jspecify.annotations.Nullable;

/**
 * Guards of one manager, which releases them together.
 */
final class OpenGuards implements LockGuards {

	private final List<OpenGuard> guards;

	/** Of guards in the order of their keys. */
	OpenGuards(List<OpenGuard> guards) {
		this.guards = guards;
	}

	@Override
	public List<LockGuard> guards() {
		return List.copyOf(this.guards);
	}

	/** All releases are on their way before the first is waited for. */
	@Override
	public void close() {
		Map<OpenGuard, CompletableFuture<?>> releases = new LinkedHashMap<>();
		for (OpenGuard guard : this.guards) {
			CompletableFuture<?> released = guard.lock().beginClose();
			if (released != null) {
				releases.put(guard, released);
			}
		}
		LockLostException loss = null;
		for (Map.Entry<OpenGuard, CompletableFuture<?>> release : releases.entrySet()) {
			release.getValue().join();
			loss = loss(release.getKey(), loss);
		}
		this.guards.forEach(OpenGuard::close);
		if (loss != null) {
			throw loss;
		}
	}

	private static @Nullable LockLostException loss(OpenGuard guard, @Nullable LockLostException before) {
		LockLostException loss = guard.lock().loss();
		if (before == null || loss == null) {
			return (before != null) ? before : loss;
		}
		before.addSuppressed(loss);
		return before;
	}

	@Override
	public String toString() {
		return "LockGuards" + this.guards;
	}

}
