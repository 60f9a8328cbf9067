package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.Notice.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The line of processes that wait for one key, as far as this process keeps it or stands
 * in it: rule 13 of the protocol. Whoever waits tells the process that has the key; that
 * one tells whoever has waited longest when the key is free, and the line of the others
 * goes along.
 */
final class Line {

	/**
	 * For so long a new request leaves a key alone that was just given up for another
	 * process, which needs the time to hear of it and to take it.
	 */
	static final Duration YIELD = Duration.ofMillis(10);

	/** So many fit into one notice; the others look, and tell again. */
	static final int MOST_WAITING = 300;

	private final String key;

	private final LeaseKeeper lease;

	/** Leases of other processes that wait for the key, in the order of their turns. */
	private final Set<String> others = new LinkedHashSet<>();

	/** The grant whose process was told last that this one waits. */
	private @Nullable KeyLook told;

	/** This process was told before that the key is free, so it will be again. */
	private boolean works;

	/** The lease that the key was given up for, as long as its turn may last. */
	private @Nullable String yieldedTo;

	private long yieldedUntilNanos;

	Line(String key, LeaseKeeper lease) {
		this.key = key;
		this.lease = lease;
	}

	boolean isEmpty() {
		return this.others.isEmpty();
	}

	/** Whether whoever waits here may rely on being told. */
	boolean works() {
		return this.works;
	}

	void add(List<String> waiting) {
		waiting.stream().filter((leaseId) -> !this.lease.isOpen(leaseId)).forEach(this.others::add);
	}

	/** It is the turn of this process. */
	void called() {
		this.works = true;
	}

	/** The key was free and nobody had told so. */
	void overlooked() {
		this.works = false;
	}

	/** Somebody begins to wait here, and nobody knows of it yet. */
	void begin() {
		this.told = null;
	}

	/** The store has told the process that has the key. */
	void told(KeyLook held) {
		this.told = held;
	}

	/** Whether the process that was told is not the one that has the key any more. */
	boolean mustTell(@Nullable KeyLook seen) {
		return this.told == null || seen == null || this.told.token() != seen.token()
				|| !Objects.equals(this.told.leaseId(), seen.leaseId());
	}

	/** The key is about to be given up for those who want it. */
	void giveWay(Instants now) {
		if (!isEmpty()) {
			this.yieldedTo = this.others.iterator().next();
			this.yieldedUntilNanos = now.nanos() + YIELD.toNanos();
		}
	}

	/** The process whose turn a new request must wait for, which is asked only once. */
	@Nullable String turnOfAnother(Instants now) {
		String other = this.yieldedTo;
		this.yieldedTo = null;
		return now.isBefore(this.yieldedUntilNanos) ? other : null;
	}

	/** Tells another process that this one waits. */
	@Nullable Notice wanted(String by) {
		LeaseTerm term = this.lease.open();
		return (term != null) ? new Notice(by, term.id(), Kind.WANTED, this.key, List.of(term.id())) : null;
	}

	/** Passes the line on to the process that has the key. */
	@Nullable Notice handOver(String holder) {
		LeaseTerm term = this.lease.open();
		List<String> line = takeAll();
		return (line.isEmpty() || term == null) ? null : new Notice(holder, term.id(), Kind.WANTED, this.key, line);
	}

	/**
	 * Tells the first that the key is free.
	 * @param again whether somebody waits here too, whose turn comes last
	 */
	@Nullable Notice free(boolean again) {
		List<String> line = takeAll();
		LeaseTerm term = this.lease.open();
		if (!line.isEmpty() && again && term != null) {
			line.add(term.id());
		}
		return free(this.key, line, this.lease);
	}

	static @Nullable Notice free(String key, List<String> line, LeaseKeeper lease) {
		LeaseTerm term = lease.open();
		return (line.isEmpty() || term == null) ? null
				: new Notice(line.get(0), term.id(), Kind.FREE, key, line.subList(1, line.size()));
	}

	/** The lease is lost, and with it the place in every line. */
	void leave() {
		this.others.clear();
		this.told = null;
		this.yieldedTo = null;
	}

	private List<String> takeAll() {
		List<String> taken = new ArrayList<>(this.others.stream().limit(MOST_WAITING).toList());
		this.others.clear();
		return taken;
	}

}
