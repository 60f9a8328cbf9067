package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Things that are due at a time, each at most once. Not safe from several threads.
 *
 * @param <T> what is due
 */
final class Schedule<T> {

	private record Entry<T>(T item, long due, long number) {

	}

	private final Map<T, Entry<T>> entries = new HashMap<>();

	private final TreeSet<Entry<T>> order;

	private long numbers;

	Schedule(long originNanos) {
		// compared by difference, since the monotonic clock may wrap
		this.order = new TreeSet<>(Comparator.<Entry<T>>comparingLong((entry) -> entry.due() - originNanos)
			.thenComparingLong(Entry::number));
	}

	/** Makes the item due at the time; it keeps its place if it is already. */
	void set(T item, long due) {
		Entry<T> before = this.entries.get(item);
		if (before != null && before.due() == due) {
			return;
		}
		cancel(item);
		Entry<T> entry = new Entry<>(item, due, this.numbers++);
		this.entries.put(item, entry);
		this.order.add(entry);
	}

	void cancel(T item) {
		Entry<T> entry = this.entries.remove(item);
		if (entry != null) {
			this.order.remove(entry);
		}
	}

	OptionalLong next() {
		return this.order.isEmpty() ? OptionalLong.empty() : OptionalLong.of(this.order.first().due());
	}

	boolean contains(T item) {
		return this.entries.containsKey(item);
	}

	/** The one due next, {@code null} if there is none. */
	@Nullable T first() {
		return this.order.isEmpty() ? null : this.order.first().item();
	}

	/** Those due next, as many as there are up to the number given. */
	List<T> next(int most) {
		return this.order.stream().limit(most).map(Entry::item).toList();
	}

	/** How many are due by now, counted up to the number given. */
	int countDue(long now, int most) {
		int due = 0;
		for (Entry<T> entry : this.order) {
			if (due == most || entry.due() - now > 0) {
				break;
			}
			due++;
		}
		return due;
	}

	/** Removes and answers what is due by now. */
	List<T> takeDue(long now) {
		return take(now, Integer.MAX_VALUE, (item, due) -> true);
	}

	/** Removes and answers what is due by the given time and fits, the earliest first. */
	List<T> take(long until, int most, Fits<T> fits) {
		List<T> taken = new ArrayList<>();
		for (Entry<T> entry : this.order) {
			if (entry.due() - until > 0 || taken.size() == most) {
				break;
			}
			if (fits.test(entry.item(), entry.due())) {
				taken.add(entry.item());
			}
		}
		taken.forEach(this::cancel);
		return taken;
	}

	/** The earlier of two instants of the monotonic clock. */
	static long earlier(long a, long b) {
		return (a - b < 0) ? a : b;
	}

	interface Fits<T> {

		boolean test(T item, long due);

	}

}
