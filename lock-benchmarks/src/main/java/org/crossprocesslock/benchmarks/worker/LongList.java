package org.crossprocesslock.benchmarks.worker;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;

/** Numbers, as many as come, without a box for each. Not thread-safe. */
public final class LongList implements Serializable {

	private static final int INITIAL_CAPACITY = 4096;

	private long[] values = new long[INITIAL_CAPACITY];

	private int size;

	/** Adds a number at the end. */
	public void add(long value) {
		if (this.size == this.values.length) {
			this.values = Arrays.copyOf(this.values, this.size * 2);
		}
		this.values[this.size++] = value;
	}

	/** The number at a place. */
	public long get(int index) {
		if (index >= this.size) {
			throw new IndexOutOfBoundsException(index);
		}
		return this.values[index];
	}

	/** How many there are. */
	public int size() {
		return this.size;
	}

	/**
	 * The number that the given share of all numbers of some lists does not exceed.
	 * @param lists the lists, with one number at least
	 * @param share between 0 and 1
	 */
	public static long percentile(Collection<LongList> lists, double share) {
		long[] sorted = lists.stream()
			.flatMapToLong((list) -> Arrays.stream(list.values, 0, list.size))
			.sorted()
			.toArray();
		if (sorted.length == 0) {
			throw new IllegalStateException("Nothing was measured");
		}
		return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
	}

}
