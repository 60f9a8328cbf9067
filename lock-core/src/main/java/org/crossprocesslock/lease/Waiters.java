package org.crossprocesslock.lease;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

import org.crossprocesslock.LockStoreException;

/**
 * Who waits for a key, in the order of arrival, and how their waiting ends.
 */
final class Waiters {

	private final String holder;

	private final Schedule<Waiter> deadlines;

	private final Consumer<Effect> effects;

	Waiters(String holder, Instants now, Consumer<Effect> effects) {
		this.holder = holder;
		this.deadlines = new Schedule<>(now.nanos());
		this.effects = effects;
	}

	void add(KeyState key, Waiter waiter, Instants now) {
		waiter.firstProbe = key.probes + 1;
		key.waiters.add(waiter);
		if (!waiter.expired && !waiter.waitsForEver()) {
			this.deadlines.set(waiter, now.nanos() + waiter.waitNanos());
		}
	}

	/** Removes one whose caller has given up; answers whether it was still waiting. */
	boolean remove(KeyState key, Waiter waiter) {
		boolean waited = take(key, waiter);
		if (waited) {
			admitShared(key);
		}
		return waited;
	}

	/** Those whose wait time is over by now. */
	List<Waiter> expired(Instants now) {
		List<Waiter> expired = this.deadlines.takeDue(now.nanos());
		expired.forEach((waiter) -> waiter.expired = true);
		return expired;
	}

	OptionalLong nextDeadline() {
		return this.deadlines.next();
	}

	/** Gives a new grant to the first, and with it to those behind that may share it. */
	void serve(KeyState key, Grant grant) {
		Waiter first = key.waiters.iterator().next();
		take(key, first);
		grant(grant, first);
		admitShared(key);
	}

	void grant(Grant grant, Waiter waiter) {
		this.effects.accept(new Effect.Granted(waiter, grant.give(waiter)));
	}

	/** Lets in those at the front that may share what this process holds. */
	private void admitShared(KeyState key) {
		Grant grant = key.grant;
		while (grant != null && grant.isShared() && !key.waiters.isEmpty()) {
			Waiter next = key.waiters.iterator().next();
			if (!next.isShared()) {
				return;
			}
			take(key, next);
			grant(grant, next);
		}
	}

	/** Turns away one that was never let in to wait. */
	void turnAway(KeyState key, Waiter waiter) {
		this.effects.accept(new Effect.Busy(waiter, isHere(key) ? this.holder : key.seenHolder()));
	}

	/** Held here, or given up here but kept locked by a transaction. */
	private static boolean isHere(KeyState key) {
		return key.grant != null || key.rowLocked;
	}

	/**
	 * Ends the waiting of one without the key. Does nothing if it waits no more: the end
	 * of another may just have let it in.
	 */
	void refuse(KeyState key, Waiter waiter) {
		if (take(key, waiter)) {
			turnAway(key, waiter);
			admitShared(key);
		}
	}

	/** The key was found held by somebody alive: ends those who had only this attempt. */
	void refuseExpired(KeyState key) {
		for (Waiter waiter : List.copyOf(key.waiters)) {
			if (waiter.expired && hadItsAttempt(key, waiter)) {
				refuse(key, waiter);
			}
		}
	}

	/** Ends those whose time is over; what they waited for has gone to somebody else. */
	void refuseAllExpired(KeyState key) {
		for (Waiter waiter : List.copyOf(key.waiters)) {
			if (waiter.expired) {
				refuse(key, waiter);
			}
		}
	}

	static boolean mayShareWithAllBefore(KeyState key, Waiter waiter) {
		return key.waiters.isEmpty() || (waiter.isShared() && key.waiters.stream().allMatch(Waiter::isShared));
	}

	static boolean hasExpired(KeyState key) {
		return key.waiters.stream().anyMatch((waiter) -> waiter.expired);
	}

	static boolean hadItsAttempt(KeyState key, Waiter waiter) {
		return key.concluded >= waiter.firstProbe;
	}

	/**
	 * Ends those whom the failure concerns: all if it is permanent, else those without
	 * time left.
	 */
	void fail(KeyState key, LockStoreException failure) {
		for (Waiter waiter : List.copyOf(key.waiters)) {
			if (failure.isPermanent() || waiter.expired) {
				take(key, waiter);
				this.effects.accept(new Effect.Failed(waiter, failure));
			}
		}
	}

	void rejectAll(KeyState key) {
		for (Waiter waiter : List.copyOf(key.waiters)) {
			take(key, waiter);
			this.effects.accept(new Effect.Rejected(waiter));
		}
	}

	private boolean take(KeyState key, Waiter waiter) {
		this.deadlines.cancel(waiter);
		return key.waiters.remove(waiter);
	}

}
