package org.crossprocesslock.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.HeldKey.State;
import org.crossprocesslock.KeyReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.engine.Deadline;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * Keys that nobody has a guard of any more, but that their last grant keeps for a time.
 * All share the one thread of the deadlines. Safe from any thread.
 */
final class KeptKeys {

	private record Kept(LockRequest request, long token, long sinceNanos, CompletableFuture<Void> over) {

		HeldKey report() {
			return new HeldKey(this.request.key(), this.request.name(), this.request.mode(), this.token,
					Duration.ofNanos(TimeSource.SYSTEM.nanos() - this.sinceNanos), State.KEPT);
		}

		long leftNanos() {
			return this.sinceNanos + this.request.holdAtLeast().toNanos() - TimeSource.SYSTEM.nanos();
		}

	}

	/** Has something done later, or throws what the machine throws. */
	interface Timer {

		/**
		 * Begins.
		 * @return to cancel it with
		 */
		Deadline after(long nanos, Runnable action);

	}

	private final Map<String, Kept> keys = new ConcurrentHashMap<>();

	private final Timer timer;

	KeptKeys() {
		this(Deadline::after);
	}

	KeptKeys(Timer timer) {
		this.timer = timer;
	}

	/**
	 * Keeps a key from now on.
	 * @param request what its last grant was asked for with
	 * @param token the token of the grant
	 * @param sinceNanos when it was granted
	 * @return completes when others can have the key
	 */
	CompletableFuture<Void> keep(LockRequest request, long token, long sinceNanos) {
		Kept kept = new Kept(request, token, sinceNanos, new CompletableFuture<>());
		long left = kept.leftNanos();
		if (left <= 0) {
			kept.over().complete(null);
			return kept.over();
		}
		this.keys.put(request.key(), kept);
		try {
			Deadline limit = this.timer.after(left, () -> end(kept));
			return kept.over().whenComplete((done, failure) -> limit.cancel());
		}
		catch (Throwable ex) {
			// no thread to free it in time: whoever comes next does
			return kept.over();
		}
	}

	/** Frees a key whose time is over, for whoever asks for it. */
	void endIfOver(String key) {
		Kept kept = this.keys.get(key);
		if (kept != null && kept.leftNanos() <= 0) {
			end(kept);
		}
	}

	private void end(Kept kept) {
		this.keys.remove(kept.request().key(), kept);
		kept.over().complete(null);
	}

	/** For how long the key is kept, {@code null} if it is not. */
	@Nullable Duration left(String key) {
		Kept kept = this.keys.get(key);
		return (kept != null) ? Duration.ofNanos(Math.max(1, kept.leftNanos())) : null;
	}

	private boolean free(String key, long token) {
		Kept kept = this.keys.get(key);
		if (kept == null || kept.token() != token) {
			return false;
		}
		end(kept);
		return true;
	}

	/** What a manager tells, and these keys with it. */
	LockInspection shownBy(LockInspection manager) {
		return new Inspection(manager);
	}

	private final class Inspection implements LockInspection {

		private final LockInspection manager;

		Inspection(LockInspection manager) {
			this.manager = manager;
		}

		@Override
		public LockReport report(int limit) {
			LockReport report = this.manager.report(limit);
			List<HeldKey> held = new ArrayList<>(report.held());
			KeptKeys.this.keys.values()
				.stream()
				.limit(Math.max(0, limit - held.size()))
				.map(Kept::report)
				.forEach(held::add);
			return new LockReport(report.status(), report.statusFor(), report.reason(), report.lease(), report.guards(),
					report.requests(), held, report.waiting());
		}

		@Override
		public KeyReport report(String key) {
			KeyReport report = this.manager.report(key);
			Kept kept = KeptKeys.this.keys.get(key);
			if (kept == null) {
				return report;
			}
			List<HeldKey> held = new ArrayList<>(report.held());
			held.add(kept.report());
			return new KeyReport(key, held, report.waiting());
		}

		@Override
		public boolean release(String key, long token) {
			boolean taken = this.manager.release(key, token);
			return free(key, token) || taken;
		}

		@Override
		public Optional<StoreInspection> store() {
			return this.manager.store();
		}

	}

}
