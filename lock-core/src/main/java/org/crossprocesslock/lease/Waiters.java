package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Who waits for a key in this process, in the order of arrival. */
final class Waiters {

	private final Set<Waiter> queue = new LinkedHashSet<>();

	void add(Waiter waiter) {
		this.queue.add(waiter);
	}

	boolean remove(Waiter waiter) {
		return this.queue.remove(waiter);
	}

	boolean isEmpty() {
		return this.queue.isEmpty();
	}

	int size() {
		return this.queue.size();
	}

	Waiter first() {
		return this.queue.iterator().next();
	}

	/** Those of whom it is true; a copy, because their end may let others in. */
	List<Waiter> those(Predicate<Waiter> condition) {
		List<Waiter> chosen = new ArrayList<>(this.queue);
		chosen.removeIf(condition.negate());
		return chosen;
	}

	/** Somebody's time is over, and only its attempt is still to come or to end. */
	boolean haveExpired() {
		return this.queue.stream().anyMatch((waiter) -> waiter.expired);
	}

	boolean haveTime() {
		return this.queue.stream().anyMatch((waiter) -> !waiter.expired);
	}

	boolean mayShareWith(Waiter waiter) {
		return this.queue.isEmpty() || (waiter.isShared() && this.queue.stream().allMatch(Waiter::isShared));
	}

}
