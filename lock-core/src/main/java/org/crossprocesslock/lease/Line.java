package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import org.crossprocesslock.lease.Notice.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The line of processes that wait for one key, as far as this process keeps it or stands
 * in it: rule 13 of the protocol. Whoever has the key keeps the line. Whoever wants the
 * key tells that process, and stands at the end. A release calls the first, who gets the
 * line of the others along with the call. What comes later than that is sent on to the
 * one that was called. Whoever was called and finds that somebody else was faster hands
 * the line over to that one.
 */
final class Line {

	/**
	 * For so long a process that was called is taken for the one that has the key, or is
	 * about to.
	 */
	static final Duration TURN = Duration.ofMillis(10);

	/** And for so many times as long as the release has taken, since it needs as long. */
	private static final int RELEASES = 2;

	/** So many fit into one notice; the others look, and tell again. */
	static final int MOST_WAITING = 300;

	/** Times in a row that the key was had without a call before calls count as lost. */
	private static final int MOST_OVERLOOKED = 2;

	/** Times in a row that make it likely that somebody here comes back at once again. */
	static final int OFTEN = 3;

	private final String key;

	private final LeaseKeeper lease;

	/** Leases of other processes that wait for the key, in the order of their turns. */
	private final Set<String> others = new LinkedHashSet<>();

	/** This process was called, and has not had the key since. */
	private boolean called;

	/** The lease that was called by this process, as long as its turn may last. */
	private @Nullable String next;

	private long nextSinceNanos;

	private long nextUntilNanos;

	/** The grant whose process was told last that this one waits. */
	private @Nullable SeenKey told;

	private long toldNanos;

	/** Another process was told that this one waits. */
	private boolean standsIn;

	private long standsInSinceNanos;

	/** How long this process has stood in the line, the last time. */
	private long stoodNanos;

	/** This process was known to a line before, so it will be again. */
	private boolean works;

	/** How often in a row the key was free and this process was not called. */
	private int overlooked;

	/**
	 * How often in a row somebody here wanted the key again before its turn could come.
	 */
	private int comebacks;

	/** The release has kept a place in the line for whoever comes back. */
	private boolean placeKept;

	Line(String key, LeaseKeeper lease) {
		this.key = key;
		this.lease = lease;
	}

	boolean isEmpty() {
		return this.others.isEmpty();
	}

	/** Whether whoever waits here may rely on being called. */
	boolean works() {
		return this.works;
	}

	/** Whether that is so now, since another process knows that this one waits. */
	boolean willCall() {
		return this.works && this.standsIn;
	}

	long stoodNanos() {
		return this.stoodNanos;
	}

	/** Whether it is the turn of this process. */
	boolean isCalled() {
		return this.called;
	}

	void add(List<String> waiting) {
		for (String leaseId : waiting) {
			if (this.lease.isOpen(leaseId)) {
				known();
			}
			else {
				this.others.add(leaseId);
			}
		}
	}

	private void known() {
		this.works = true;
		this.overlooked = 0;
	}

	/**
	 * It is the turn of this process.
	 * @param waits whether somebody waits here
	 */
	void called(boolean waits) {
		known();
		this.called = true;
		this.next = null;
		this.comebacks = waits ? this.comebacks : 0;
	}

	/**
	 * This process has the key.
	 * @param byLooking it would not have asked so soon if it had not paused before
	 */
	void had(boolean byLooking, Instants now) {
		if (byLooking && !this.called) {
			this.overlooked++;
			this.works &= this.overlooked < MOST_OVERLOOKED;
		}
		if (this.standsIn) {
			this.stoodNanos = now.nanos() - this.standsInSinceNanos;
		}
		this.called = false;
		this.standsIn = false;
		this.next = null;
	}

	/** Somebody begins to wait here, and nobody knows of it yet but by a place kept. */
	void begin(Instants now) {
		boolean comesBack = isTurnOfAnother(now) || isBackEarly(now);
		if (this.next != null) {
			this.comebacks = comesBack ? this.comebacks + 1 : 0;
		}
		this.called = false;
		this.told = null;
		this.standsIn = comesBack && this.placeKept;
	}

	/** The store has told the process that has the key. */
	void told(SeenKey held, Instants now) {
		this.told = held;
		this.toldNanos = now.nanos();
		standIn(now);
	}

	private void standIn(Instants now) {
		if (!this.standsIn) {
			this.standsIn = true;
			this.standsInSinceNanos = now.nanos();
		}
	}

	/**
	 * Whether the process that was told is not the one that has the key any more, or may
	 * not have heard.
	 * @param againNanos after how long it is told again
	 */
	boolean mustTell(@Nullable SeenKey seen, long againNanos, Instants now) {
		return this.told == null || seen == null || !this.told.isOf(seen.look())
				|| now.nanos() - this.toldNanos >= againNanos;
	}

	/** The release that has called the next one was answered: now it can take the key. */
	void released(Instants now) {
		if (this.next != null) {
			this.nextUntilNanos = now.nanos() + TURN.toNanos() + RELEASES * (now.nanos() - this.nextSinceNanos);
		}
	}

	boolean isTurnOfAnother(Instants now) {
		return this.next != null && now.isBefore(this.nextUntilNanos);
	}

	/** Long before its turn could come, as long as that has taken the last time. */
	private boolean isBackEarly(Instants now) {
		return this.next != null && now.isBefore(this.nextSinceNanos + this.stoodNanos / 2);
	}

	/** Tells the process whose turn it is that this one waits, unless it knows. */
	@Nullable Notice join(Instants now) {
		LeaseTerm term = this.lease.open();
		if (term == null || this.next == null || this.standsIn) {
			return null;
		}
		standIn(now);
		return new Notice(this.next, term.id(), Kind.WANTED, this.key, List.of(term.id()));
	}

	/** Hands the line over to the process that has the key. */
	@Nullable Notice handOver(String holder) {
		this.called = false;
		return wanted(holder, takeAll());
	}

	private @Nullable Notice wanted(String by, List<String> line) {
		LeaseTerm term = this.lease.open();
		line.remove(by);
		return (line.isEmpty() || term == null) ? null : new Notice(by, term.id(), Kind.WANTED, this.key, line);
	}

	/**
	 * What has come when this process did not have the key any more goes to the one that
	 * was called, or the first of them is called.
	 * @param waits whether somebody waits here too
	 */
	@Nullable Notice passOn(boolean waits, Instants now) {
		this.called = false;
		this.placeKept = false;
		return isTurnOfAnother(now) ? wanted(Objects.requireNonNull(this.next), takeAll()) : call(waits, now);
	}

	/**
	 * The key is released, so the first is called. The turn of this process comes last,
	 * if somebody waits here or is likely to in a moment, which saves a notice then.
	 */
	@Nullable Notice free(boolean waits, Instants now) {
		this.placeKept = !waits && this.comebacks >= OFTEN;
		return call(waits || this.placeKept, now);
	}

	private @Nullable Notice call(boolean joins, Instants now) {
		List<String> line = takeAll();
		LeaseTerm term = this.lease.open();
		if (line.isEmpty() || term == null) {
			return null;
		}
		if (joins && !this.standsIn) {
			line.add(term.id());
			standIn(now);
		}
		this.called = false;
		this.next = line.get(0);
		this.nextSinceNanos = now.nanos();
		this.nextUntilNanos = now.nanos() + TURN.toNanos();
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
		this.called = false;
		this.next = null;
		this.told = null;
		this.standsIn = false;
	}

	private List<String> takeAll() {
		List<String> taken = new ArrayList<>(this.others.stream().limit(MOST_WAITING).toList());
		this.others.clear();
		return taken;
	}

}
