package org.crossprocesslock.benchmarks.worker;

import java.io.Serializable;

/** When one process held one key, one time after the other. */
public final class Turns implements Serializable {

	private final LongList from = new LongList();

	private final LongList to = new LongList();

	private final Sections sections = new Sections();

	void add(long from, long to, long fencingToken) {
		this.from.add(from);
		this.to.add(to);
		this.sections.add(0, from, to, fencingToken);
	}

	/** How many there are. */
	public int size() {
		return this.from.size();
	}

	/** The moment after an acquisition was answered. */
	public long from(int turn) {
		return this.from.get(turn);
	}

	/** The moment before the release was begun. */
	public long to(int turn) {
		return this.to.get(turn);
	}

	/** The same for {@link Sections#violations}. */
	public Sections sections() {
		return this.sections;
	}

}
