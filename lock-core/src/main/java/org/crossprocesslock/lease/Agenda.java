package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;

import org.crossprocesslock.lease.Call.Slot;
import org.crossprocesslock.lease.Key.Phase;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is to be asked of the store about keys, and when. What comes up while a slot is
 * taken travels together in its next statement (rule 11 of the protocol).
 */
final class Agenda {

	/** Time between two purges of one process. */
	static final Duration PURGE_INTERVAL = Duration.ofHours(1);

	/** The same while there are more rows than one purge removes. */
	static final Duration PURGE_PAUSE = Duration.ofSeconds(5);

	static final int MAX_BATCH = 500;

	/**
	 * For so many keys another acquire is sent beside the one under way, whose commit
	 * mostly waits for the disk. Fewer wait: to the store, batches cost less.
	 */
	static final int WORTH_ANOTHER = 8;

	/** A look locks nothing, so that more keys do no harm. */
	private static final int MAX_LOOK_BATCH = 10_000;

	/** What the second slot is for, taking turns so that none starves the others. */
	private enum Kind {

		REAP, LOOK, ACQUIRE, PURGE

	}

	private final LeaseOptions options;

	private final LeaseKeeper lease;

	private final Slots slots;

	private final long answerLimitNanos;

	private final int worthAnother;

	private final Schedule<Key> toAcquire;

	private final Schedule<Key> toRelease;

	private final Schedule<Key> lingering;

	/** Keys whose closer waits for their release, and until when. */
	private final Schedule<Key> closers;

	private final Map<String, Command.Reap> toReap = new LinkedHashMap<>();

	/** The lease that is being reaped. */
	private @Nullable String reaping;

	private final Set<Key> doubtful = new LinkedHashSet<>();

	private boolean doubtsAreDue;

	private final Deque<Notice> toTell = new ArrayDeque<>();

	private final List<Kind> turns = new ArrayList<>(List.of(Kind.values()));

	private long nextPurge;

	Agenda(LeaseOptions options, LeaseKeeper lease, Slots slots, long answerLimitNanos, int worthAnother,
			RandomGenerator random, Instants now) {
		this.options = options;
		this.lease = lease;
		this.slots = slots;
		this.answerLimitNanos = answerLimitNanos;
		this.worthAnother = worthAnother;
		this.toAcquire = new Schedule<>(now.nanos());
		this.toRelease = new Schedule<>(now.nanos());
		this.lingering = new Schedule<>(now.nanos());
		this.closers = new Schedule<>(now.nanos());
		// spread, so that processes started together do not purge together
		this.nextPurge = now.nanos() + random.nextLong(PURGE_INTERVAL.toNanos());
	}

	/** The key is in the phase now. */
	void put(Key key, Phase phase) {
		Row.Release release = key.row.release();
		boolean waits = release != null && release.closer() != null;
		boolean unsent = release != null && !release.sent();
		put(this.toAcquire, key, phase == Phase.WANTED, key.attemptAtNanos());
		put(this.toRelease, key, unsent, (release != null) ? release.atNanos() : 0);
		put(this.closers, key, waits, (release != null) ? release.closerUntilNanos() : 0);
		Grant grant = key.guards.grant;
		put(this.lingering, key, phase == Phase.LINGERING, (grant != null) ? grant.lingersUntilNanos() : 0);
		Command.Reap reap = key.reap();
		if (phase == Phase.REAPING && reap != null && !reap.leaseId().equals(this.reaping)) {
			this.toReap.putIfAbsent(reap.leaseId(), reap);
		}
		if (key.row.isInDoubt()) {
			this.doubtful.add(key);
		}
		else {
			this.doubtful.remove(key);
		}
	}

	private static void put(Schedule<Key> schedule, Key key, boolean belongs, long atNanos) {
		if (belongs) {
			schedule.set(key, atNanos);
		}
		else {
			schedule.cancel(key);
		}
	}

	void tell(Notice notice) {
		this.toTell.add(notice);
	}

	/** Has all keys in doubt looked at. */
	void lookAtDoubts() {
		this.doubtsAreDue = true;
	}

	/** Those that linger, up to the number given. */
	List<Key> lingering(int most) {
		return this.lingering.next(most);
	}

	/** Those that linger, and whose time is over. */
	List<Key> lingeringOver(Instants now) {
		return this.lingering.takeDue(now.nanos());
	}

	/** Those whose closer has waited for long enough. */
	List<Key> closersOver(Instants now) {
		return this.closers.takeDue(now.nanos());
	}

	/** The time until the next key is acquired after a pause. */
	OptionalLong untilNextAttempt(Instants now) {
		OptionalLong next = this.toAcquire.next();
		return next.isPresent() ? OptionalLong.of(next.getAsLong() - now.nanos()) : next;
	}

	boolean hasReleases() {
		return this.toRelease.next().isPresent();
	}

	/** Whether something becomes of those who wait for the key, if there are any. */
	boolean seesTo(Key key) {
		boolean sent = key.row.release() != null && key.row.release().sent();
		return switch (key.phase()) {
			case IDLE, HELD -> true;
			case WANTED -> this.toAcquire.contains(key);
			case ASKED -> !this.slots.isFree(Slot.ACQUIRE) || !this.slots.isFree(Slot.LOOK);
			case REAPING -> key.reap() != null
					&& (this.toReap.containsKey(key.reap().leaseId()) || key.reap().leaseId().equals(this.reaping));
			case LINGERING -> this.lingering.contains(key);
			case RELEASING -> sent ? !this.slots.isFree(Slot.RELEASE) : this.toRelease.contains(key);
		};
	}

	long nextWake(long latest) {
		long wake = Schedule.earlier(latest, this.lingering.next().orElse(latest));
		wake = Schedule.earlier(wake, this.closers.next().orElse(latest));
		if (this.slots.isFree(Slot.RELEASE)) {
			wake = Schedule.earlier(wake, this.toRelease.next().orElse(latest));
		}
		if (this.lease.open() != null && this.slots.isFree(Slot.ACQUIRE)) {
			wake = Schedule.earlier(wake, this.toAcquire.next().orElse(latest));
		}
		if (this.lease.open() != null && this.slots.isFree(Slot.LOOK)) {
			wake = Schedule.earlier(wake, this.nextPurge);
		}
		return wake;
	}

	void dispatch(Instants now) {
		if (this.slots.isFree(Slot.RELEASE)) {
			run(Slot.RELEASE, release(now), now);
		}
		LeaseTerm term = this.lease.open();
		if (term == null) {
			return;
		}
		if (this.slots.isFree(Slot.ACQUIRE)) {
			run(Slot.ACQUIRE, acquire(term, 1, now), now);
		}
		for (Kind kind : List.copyOf(this.turns)) {
			Command command = this.slots.isFree(Slot.LOOK) ? next(kind, term, now) : null;
			if (command != null) {
				this.turns.remove(kind);
				this.turns.add(kind);
				run(Slot.LOOK, command, now);
			}
		}
	}

	private void run(Slot slot, @Nullable Command command, Instants now) {
		if (command != null) {
			this.slots.run(slot, command, now);
		}
	}

	private @Nullable Command next(Kind kind, LeaseTerm term, Instants now) {
		return switch (kind) {
			case REAP -> reap();
			case LOOK -> look();
			case ACQUIRE -> this.slots.isFree(Slot.ACQUIRE) ? null : acquire(term, this.worthAnother, now);
			case PURGE -> purge(now);
		};
	}

	private @Nullable Command acquire(LeaseTerm term, int least, Instants now) {
		if (this.toAcquire.countDue(now.nanos(), least) < least) {
			return null;
		}
		Key first = this.toAcquire.first();
		// whoever has paused takes along those whose pause is half over
		long horizon = (first != null && first.isResting()) ? this.options.maxBackoff().toNanos() / 2 : 0;
		List<Key> batch = this.toAcquire.take(now.nanos() + horizon, MAX_BATCH,
				(key, at) -> at - now.nanos() <= key.pauseNanos() / 2);
		List<AcquireOrder> orders = new ArrayList<>();
		batch.forEach((key) -> orders.add(key.ask(now)));
		orders.sort(Comparator.comparing(AcquireOrder::key));
		return new Command.Acquire(term.id(), this.lease.clock().in(this.answerLimitNanos, now), orders);
	}

	private @Nullable Command look() {
		if (!this.doubtsAreDue || this.doubtful.isEmpty()) {
			return null;
		}
		this.doubtsAreDue = false;
		return new Command.Look(this.doubtful.stream().map((key) -> key.name).limit(MAX_LOOK_BATCH).sorted().toList());
	}

	private @Nullable Command reap() {
		if (this.toReap.isEmpty()) {
			return null;
		}
		Command.Reap reap = this.toReap.values().iterator().next();
		this.toReap.remove(reap.leaseId());
		this.reaping = reap.leaseId();
		return reap;
	}

	void reaped() {
		this.reaping = null;
	}

	/** There are more rows to remove. Not at once: that is the least urgent of all. */
	void purgeAgain(Instants now) {
		this.nextPurge = now.nanos() + PURGE_PAUSE.toNanos();
	}

	private @Nullable Command purge(Instants now) {
		if (now.isBefore(this.nextPurge)) {
			return null;
		}
		this.nextPurge = now.nanos() + PURGE_INTERVAL.toNanos();
		return new Command.Purge(this.options.purgeAge());
	}

	private @Nullable Command release(Instants now) {
		List<ReleaseOrder> orders = new ArrayList<>();
		List<Notice> notices = new ArrayList<>();
		for (Key key : this.toRelease.take(now.nanos(), MAX_BATCH, (any, at) -> true)) {
			orders.add(key.row.sendRelease());
			Notice free = key.line.free(!key.waiters.isEmpty(), now);
			if (free != null) {
				notices.add(free);
			}
		}
		if (orders.isEmpty() && (this.toTell.isEmpty() || this.lease.open() == null)) {
			return null;
		}
		orders.sort(Comparator.comparing(ReleaseOrder::key));
		for (int i = 0; i < MAX_BATCH && !this.toTell.isEmpty(); i++) {
			notices.add(this.toTell.remove());
		}
		return new Command.Release(orders, notices);
	}

}
