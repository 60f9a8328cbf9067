package org.crossprocesslock.benchmarks.worker;

import java.io.Serializable;
import java.util.List;

/**
 * What the threads of a {@link Load} have done.
 *
 * @param threads one by one
 */
public record LoadResult(List<OfAThread> threads) implements Serializable {

	/**
	 * What one thread has done.
	 *
	 * @param pairNanos how long each acquisition with its release took, of those that
	 * ended inside the window
	 * @param sections all that it held, outside the window too
	 */
	public record OfAThread(LongList pairNanos, Sections sections) implements Serializable {

		/** How often it acquired and released inside the window. */
		public long pairs() {
			return this.pairNanos.size();
		}

	}

	/** How often they acquired and released inside the window. */
	public long pairs() {
		return this.threads.stream().mapToLong(OfAThread::pairs).sum();
	}

}
