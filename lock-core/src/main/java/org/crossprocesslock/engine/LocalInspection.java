package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.KeyReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.WaitedKey;
import org.jspecify.annotations.Nullable;

/**
 * What a manager without a lease tells, from what it keeps anyway of its guards and
 * requests. Takes no lock, so nobody waits for those who read.
 *
 * @since 0.1.0
 */
public final class LocalInspection implements LockInspection {

	/** Why a guard is lost that was taken away, to follow a colon in a sentence. */
	public static final String RELEASED_BY_OPERATOR = "an operator has released its key";

	private final Collection<HeldLock> open;

	private final Collection<LockAttempt> waiting;

	private final Function<LockAttempt, @Nullable String> holder;

	private final Supplier<Condition> condition;

	/**
	 * Creates the inspection.
	 * @param open the guards that are open, of a collection that may change while it is
	 * gone through
	 * @param waiting the requests that wait, of such a collection as well
	 * @param holder who was last seen to have the key that a request waits for
	 * @param condition how the manager is
	 */
	public LocalInspection(Collection<HeldLock> open, Collection<LockAttempt> waiting,
			Function<LockAttempt, @Nullable String> holder, Supplier<Condition> condition) {
		this.open = open;
		this.waiting = waiting;
		this.holder = holder;
		this.condition = condition;
	}

	/**
	 * Refuses a limit that is none.
	 * @param limit the limit of a report
	 * @return the limit
	 * @throws IllegalArgumentException if it is negative
	 */
	public static int checkLimit(int limit) {
		if (limit < 0) {
			throw new IllegalArgumentException("Limit " + limit + " is negative");
		}
		return limit;
	}

	@Override
	public LockReport report(int limit) {
		checkLimit(limit);
		Condition present = this.condition.get();
		List<HeldKey> held = this.open.stream().limit(limit).map(LocalInspection::held).toList();
		return new LockReport(present.status(), Duration.ofNanos(TimeSource.SYSTEM.nanos() - present.sinceNanos()),
				present.reason(), null, this.open.size(), this.waiting.size(), held, waiting(limit));
	}

	@Override
	public KeyReport report(String key) {
		List<HeldKey> held = this.open.stream()
			.filter((guard) -> guard.key().equals(key))
			.map(LocalInspection::held)
			.toList();
		WaitedKey waited = null;
		for (LockAttempt attempt : this.waiting) {
			if (attempt.request().key().equals(key)) {
				waited = with(waited, attempt);
			}
		}
		return new KeyReport(key, held, waited);
	}

	@Override
	public boolean release(String key, long token) {
		boolean released = false;
		for (HeldLock guard : this.open) {
			if (guard.key().equals(key) && guard.fencingToken() == token && guard.isHeld()) {
				guard.takeAway(RELEASED_BY_OPERATOR);
				released = true;
			}
		}
		return released;
	}

	private static HeldKey held(HeldLock guard) {
		return guard.report(HeldKey.State.HELD);
	}

	private List<WaitedKey> waiting(int limit) {
		Map<String, WaitedKey> keys = new HashMap<>();
		if (limit > 0) {
			for (LockAttempt attempt : this.waiting) {
				String key = attempt.request().key();
				if (keys.size() < limit || keys.containsKey(key)) {
					keys.compute(key, (same, known) -> with(known, attempt));
				}
			}
		}
		List<WaitedKey> longestFirst = new ArrayList<>(keys.values());
		longestFirst.sort(Comparator.comparing(WaitedKey::longestWait).reversed());
		return longestFirst;
	}

	private WaitedKey with(@Nullable WaitedKey known, LockAttempt attempt) {
		String seen = this.holder.apply(attempt);
		Duration waited = attempt.waited();
		if (known == null) {
			return new WaitedKey(attempt.request().key(), 1, waited, seen);
		}
		return new WaitedKey(known.key(), known.requests() + 1,
				(waited.compareTo(known.longestWait()) > 0) ? waited : known.longestWait(),
				(known.holder() != null) ? known.holder() : seen);
	}

	/**
	 * How a manager is.
	 *
	 * @param status whether keys can be had
	 * @param sinceNanos since when, by the monotonic clock
	 * @param reason why not, {@code null} if there is nothing to say
	 */
	public record Condition(LockReport.Status status, long sinceNanos, @Nullable String reason) {

		/**
		 * From now on.
		 * @param status whether keys can be had
		 * @param reason why not
		 * @return the condition
		 */
		public static Condition now(LockReport.Status status, @Nullable String reason) {
			return new Condition(status, TimeSource.SYSTEM.nanos(), reason);
		}

	}

}
