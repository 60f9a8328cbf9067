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
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to the store about keys, and the one statement that is under way.
 * What comes up meanwhile travels together in the next one (rule 11).
 */
final class KeyLane {

	/** Time between two purges of one process. */
	static final Duration PURGE_INTERVAL = Duration.ofHours(1);

	private static final int MAX_BATCH = 500;

	/** A look locks nothing, so that more keys do no harm. */
	private static final int MAX_LOOK_BATCH = 10_000;

	/** A release on its way, and the guard that waits for it if there is one. */
	record Releasing(KeyState key, ReleaseOrder order, @Nullable Hold hold) {

	}

	/** Kinds of statements, taking turns so that none starves the others. */
	private enum Kind {

		RELEASE, ACQUIRE, TELL, REAP, LOOK, PURGE

	}

	private final LeaseOptions options;

	private final LeaseKeeper lease;

	private final UnflushedReleases unflushed;

	private final Consumer<Effect> effects;

	private final Deque<Releasing> toRelease = new ArrayDeque<>();

	private final Set<KeyState> toAcquire = new LinkedHashSet<>();

	private final Deque<Notice> toTell = new ArrayDeque<>();

	private final Map<String, Command.Reap> toReap = new LinkedHashMap<>();

	private final List<Releasing> releasesUnderWay = new ArrayList<>();

	private long nextPurge;

	private Command.@Nullable OnKeys underWay;

	/** Who may speak next; whoever has spoken goes to the end. */
	private final List<Kind> turns = new ArrayList<>(List.of(Kind.values()));

	KeyLane(LeaseOptions options, LeaseKeeper lease, UnflushedReleases unflushed, RandomGenerator random, Instants now,
			Consumer<Effect> effects) {
		this.options = options;
		this.lease = lease;
		this.unflushed = unflushed;
		this.effects = effects;
		// spread, so that processes started together do not purge together
		this.nextPurge = now.nanos() + random.nextLong(PURGE_INTERVAL.toNanos());
	}

	void want(KeyState key) {
		this.toAcquire.add(key);
	}

	boolean isWanted(KeyState key) {
		return this.toAcquire.contains(key);
	}

	/** Queues a release; from now on this token never becomes a guard (rule 8). */
	void release(KeyState key, String leaseId, long token, @Nullable Hold hold) {
		if (this.lease.isOpen(leaseId)) {
			key.highestReleased = Math.max(key.highestReleased, token);
			this.unflushed.sent(key.key);
		}
		key.releasing++;
		this.toRelease.add(new Releasing(key, new ReleaseOrder(key.key, leaseId, token), hold));
	}

	void reap(KeyLook look, boolean unchanged) {
		if (look.leaseId() != null && look.lease() != null) {
			this.toReap.putIfAbsent(look.leaseId(),
					new Command.Reap(look.leaseId(), unchanged ? look.lease().counter() : null));
		}
	}

	void tell(Notice notice) {
		this.toTell.add(notice);
	}

	void forget(KeyState key) {
		if (this.toAcquire.remove(key)) {
			key.afterLook = false;
			key.deadLeaseId = null;
		}
	}

	void dispatch(Looks looks, Wants wants, Instants now) {
		for (Kind kind : List.copyOf(this.turns)) {
			Command.OnKeys command = (this.underWay == null) ? next(kind, looks, wants, now) : null;
			if (command != null) {
				this.turns.remove(kind);
				this.turns.add(kind);
				this.underWay = command;
				this.effects.accept(new Effect.RunOnKeys(command));
			}
		}
	}

	boolean isQuiet() {
		return this.underWay == null && this.toRelease.isEmpty();
	}

	/** The statement that has just ended. */
	Command.@Nullable OnKeys answered() {
		Command.OnKeys ended = this.underWay;
		this.underWay = null;
		return ended;
	}

	/** The releases of the statement that has just ended. */
	List<Releasing> released() {
		List<Releasing> ended = List.copyOf(this.releasesUnderWay);
		this.releasesUnderWay.clear();
		return ended;
	}

	OptionalLong nextWake(Looks looks) {
		if (this.underWay != null || this.lease.open() == null) {
			return OptionalLong.empty();
		}
		return OptionalLong.of(Schedule.earlier(looks.next().orElse(this.nextPurge), this.nextPurge));
	}

	private Command.@Nullable OnKeys next(Kind kind, Looks looks, Wants wants, Instants now) {
		if (kind == Kind.RELEASE) {
			return releases(wants);
		}
		LeaseTerm term = this.lease.open();
		if (term == null) {
			return null;
		}
		return switch (kind) {
			case RELEASE -> null;
			case ACQUIRE -> acquires(term);
			case TELL -> tells();
			case REAP -> reaps();
			case LOOK -> looks.takeDue(MAX_LOOK_BATCH, now);
			case PURGE -> purges(now);
		};
	}

	private Command.@Nullable OnKeys releases(Wants wants) {
		if (this.toRelease.isEmpty()) {
			return null;
		}
		List<Notice> notices = new ArrayList<>();
		while (!this.toRelease.isEmpty() && this.releasesUnderWay.size() < MAX_BATCH) {
			Releasing next = this.toRelease.remove();
			this.releasesUnderWay.add(next);
			Notice notice = wants.atRelease(next.key());
			if (notice != null) {
				notices.add(notice);
			}
		}
		notices.addAll(takeNotices());
		return new Command.Release(this.releasesUnderWay.stream()
			.map(Releasing::order)
			.sorted(Comparator.comparing(ReleaseOrder::key))
			.toList(), notices);
	}

	private Command.@Nullable OnKeys tells() {
		return this.toTell.isEmpty() ? null : new Command.Tell(takeNotices());
	}

	private List<Notice> takeNotices() {
		List<Notice> notices = new ArrayList<>();
		while (!this.toTell.isEmpty() && notices.size() < MAX_BATCH) {
			notices.add(this.toTell.remove());
		}
		return notices;
	}

	private Command.@Nullable OnKeys acquires(LeaseTerm term) {
		// a key whose release is still to be sent would only be found taken by ourselves
		List<KeyState> batch = this.toAcquire.stream().filter((key) -> key.releasing == 0).limit(MAX_BATCH).toList();
		if (batch.isEmpty()) {
			return null;
		}
		List<AcquireOrder> orders = new ArrayList<>();
		for (KeyState key : batch) {
			this.toAcquire.remove(key);
			orders.add(new AcquireOrder(key.key, key.deadLeaseId));
			key.deadLeaseId = null;
			key.asked = true;
			key.probes++;
		}
		orders.sort(Comparator.comparing(AcquireOrder::key));
		return new Command.Acquire(term.id(), orders);
	}

	private Command.@Nullable OnKeys reaps() {
		if (this.toReap.isEmpty()) {
			return null;
		}
		Command.Reap reap = this.toReap.values().iterator().next();
		this.toReap.remove(reap.leaseId());
		return reap;
	}

	private Command.@Nullable OnKeys purges(Instants now) {
		if (now.isBefore(this.nextPurge)) {
			return null;
		}
		this.nextPurge = now.nanos() + PURGE_INTERVAL.toNanos();
		return new Command.Purge(this.options.purgeAge());
	}

}
