package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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
import org.jspecify.annotations.Nullable;

/**
 * What is to be asked of the store about keys, and the statements that are under way: an
 * acquire and one of the other kinds, or two acquires. What comes up meanwhile travels
 * together in the next one (rule 11).
 */
final class KeyLane {

	/** Time between two purges of one process. */
	static final Duration PURGE_INTERVAL = Duration.ofHours(1);

	/** The same while there are more rows than one purge removes. */
	static final Duration PURGE_PAUSE = Duration.ofSeconds(5);

	static final int MAX_BATCH = 500;

	private static final int MAX_UNDER_WAY = 2;

	/**
	 * For so many keys another acquire is sent beside the one under way, whose commit
	 * mostly waits for the disk. Fewer wait: to the store, batches cost less.
	 */
	static final int WORTH_ANOTHER = 8;

	/** A look locks nothing, so that more keys do no harm. */
	private static final int MAX_LOOK_BATCH = 10_000;

	/** Kinds of statements, taking turns so that none starves the others. */
	private enum Kind {

		ACQUIRE, REAP, LOOK, PURGE

	}

	private final LeaseOptions options;

	private final LeaseKeeper lease;

	private final int worthAnother;

	private final Consumer<Effect> effects;

	private final Set<KeyState> toAcquire = new LinkedHashSet<>();

	private final Map<String, Command.Reap> toReap = new LinkedHashMap<>();

	private long nextPurge;

	private final List<Command.OnKeys> underWay = new ArrayList<>();

	/** Who may speak next; whoever has spoken goes to the end. */
	private final List<Kind> turns = new ArrayList<>(List.of(Kind.values()));

	KeyLane(LeaseOptions options, LeaseKeeper lease, int worthAnother, RandomGenerator random, Instants now,
			Consumer<Effect> effects) {
		this.options = options;
		this.lease = lease;
		this.worthAnother = worthAnother;
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

	void reap(KeyLook look, boolean unchanged) {
		if (look.leaseId() != null && look.lease() != null) {
			this.toReap.putIfAbsent(look.leaseId(),
					new Command.Reap(look.leaseId(), unchanged ? look.lease().counter() : null));
		}
	}

	void forget(KeyState key) {
		if (this.toAcquire.remove(key)) {
			key.afterLook = false;
			key.deadLeaseId = null;
		}
	}

	void dispatch(Looks looks, Wants wants, Instants now) {
		for (Kind kind : List.copyOf(this.turns)) {
			Command.OnKeys command = hasRoomFor(kind) ? next(kind, looks, wants, now) : null;
			if (command != null) {
				this.turns.remove(kind);
				this.turns.add(kind);
				this.underWay.add(command);
				this.effects.accept(new Effect.RunOnKeys(command));
			}
		}
	}

	private boolean hasRoomFor(Kind kind) {
		long acquires = acquiresUnderWay();
		return this.underWay.size() < MAX_UNDER_WAY && (kind == Kind.ACQUIRE || acquires == this.underWay.size());
	}

	private long acquiresUnderWay() {
		return this.underWay.stream().filter(Command.Acquire.class::isInstance).count();
	}

	boolean isQuiet() {
		return this.underWay.isEmpty();
	}

	void answered(Command.OnKeys command) {
		this.underWay.remove(command);
	}

	OptionalLong nextWake(Looks looks) {
		if (!hasRoomFor(Kind.LOOK) || this.lease.open() == null) {
			return OptionalLong.empty();
		}
		return OptionalLong.of(Schedule.earlier(looks.next().orElse(this.nextPurge), this.nextPurge));
	}

	private Command.@Nullable OnKeys next(Kind kind, Looks looks, Wants wants, Instants now) {
		LeaseTerm term = this.lease.open();
		if (term == null) {
			return null;
		}
		return switch (kind) {
			case ACQUIRE -> acquires(term, wants);
			case REAP -> reaps();
			case LOOK -> looks.takeDue(MAX_LOOK_BATCH, now);
			case PURGE -> purges(now);
		};
	}

	private Command.@Nullable OnKeys acquires(LeaseTerm term, Wants wants) {
		// a key whose release is still to be sent would only be found taken by ourselves
		List<KeyState> batch = this.toAcquire.stream().filter((key) -> key.releasing == 0).limit(MAX_BATCH).toList();
		if (batch.size() < ((acquiresUnderWay() > 0) ? this.worthAnother : 1)) {
			return null;
		}
		List<AcquireOrder> orders = new ArrayList<>();
		for (KeyState key : batch) {
			this.toAcquire.remove(key);
			orders.add(new AcquireOrder(key.key, key.deadLeaseId, wants.tells(key)));
			key.deadLeaseId = null;
			key.asked = true;
			key.probes++;
		}
		orders.sort(Comparator.comparing(AcquireOrder::key));
		return new Command.Acquire(term.id(), Long.MAX_VALUE, orders);
	}

	private Command.@Nullable OnKeys reaps() {
		if (this.toReap.isEmpty()) {
			return null;
		}
		Command.Reap reap = this.toReap.values().iterator().next();
		this.toReap.remove(reap.leaseId());
		return reap;
	}

	/** There are more rows to remove. Not at once: that is the least urgent of all. */
	void purgeAgain(Instants now) {
		this.nextPurge = now.nanos() + PURGE_PAUSE.toNanos();
	}

	private Command.@Nullable OnKeys purges(Instants now) {
		if (now.isBefore(this.nextPurge)) {
			return null;
		}
		this.nextPurge = now.nanos() + PURGE_INTERVAL.toNanos();
		return new Command.Purge(this.options.purgeAge());
	}

}
