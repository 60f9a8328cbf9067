package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.jspecify.annotations.Nullable;

/**
 * When to look at which key, and what a look means: rules 4, 5 and 13 of the protocol.
 * One statement looks at all keys whose time has come.
 */
final class Looks {

	/** What a look says about a key that somebody waits for. */
	enum Verdict {

		/** Nobody has it, or its lease is dead. */
		FREE,

		/** It carries our own lease, though no guard of ours backs it. */
		OURS,

		/** Its lease has expired by the store's clock and can be reaped. */
		EXPIRED,

		/**
		 * Its lease was not renewed for longer than its duration, whatever the store's
		 * clock says.
		 */
		UNCHANGED,

		/** Somebody alive has it. */
		HELD

	}

	// added to a lease's own duration before it counts as unchanged: one part in this
	// many, for both clocks
	private static final int WATCH_MARGIN_DIVISOR = 5;

	private record Watch(long counter, long sinceNanos) {

	}

	private final LeaseOptions options;

	private final RandomGenerator random;

	private final Consumer<Effect> effects;

	private final Schedule<KeyState> due;

	private final Map<String, Watch> watches = new LeaseMemory<>();

	private long sentNanos;

	Looks(LeaseOptions options, RandomGenerator random, Instants now, Consumer<Effect> effects) {
		this.options = options;
		this.random = random;
		this.effects = effects;
		this.due = new Schedule<>(now.nanos());
		this.sentNanos = now.nanos();
	}

	void now(KeyState key, Instants now) {
		this.due.setAtTheLatest(key, now.nanos());
	}

	/**
	 * After a pause, but not after the moment the present lease runs out; together with
	 * the next look if the pause may just as well be as long.
	 */
	void later(KeyState key, Instants now) {
		long longest = Backoff.pause(this.options.initialBackoff(), this.options.maxBackoff(), key.backoffStep++);
		long pause = Backoff.jittered(longest, this.random);
		long untilNext = this.due.next().orElse(now.nanos()) - now.nanos();
		if (untilNext >= longest / 2 && untilNext <= longest) {
			pause = untilNext;
		}
		LeaseLook lease = (key.seen != null) ? key.seen.lease() : null;
		long left = (lease != null) ? key.seenNanos + TimeSource.nanos(lease.remaining()) - now.nanos() : -1;
		if (left >= 0) {
			pause = Math.min(pause, left + Duration.ofMillis(1).toNanos());
		}
		key.lastPauseNanos = pause;
		this.due.set(key, now.nanos() + pause);
		this.effects.accept(new Effect.BackedOff(Duration.ofNanos(pause)));
	}

	void cancel(KeyState key) {
		this.due.cancel(key);
	}

	/** The lease is lost: what was seen under it still holds, when to look does not. */
	void forget(KeyState key) {
		this.due.cancel(key);
		key.backoffStep = 0;
	}

	OptionalLong next() {
		return this.due.next();
	}

	/** A look at the keys whose time has come, and at those whose pause is half over. */
	Command.@Nullable OnKeys takeDue(int most, Instants now) {
		OptionalLong first = this.due.next();
		if (first.isEmpty() || now.isBefore(first.getAsLong())) {
			return null;
		}
		long horizon = now.nanos() + this.options.maxBackoff().toNanos() / 2;
		List<KeyState> keys = this.due.take(horizon, most, (key, at) -> at - now.nanos() <= key.lastPauseNanos / 2);
		keys.forEach((key) -> key.probes++);
		this.sentNanos = now.nanos();
		return new Command.Look(keys.stream().map((key) -> key.key).sorted().toList());
	}

	boolean wasSentAfter(long nanos) {
		return this.sentNanos - nanos >= 0;
	}

	Verdict judge(KeyState key, KeyLook look, boolean carriesOurLease, Instants now) {
		KeyLook before = key.seen;
		if (before == null || before.token() != look.token() || !Objects.equals(before.leaseId(), look.leaseId())) {
			key.backoffStep = 0;
		}
		key.seen = look;
		key.seenNanos = now.nanos();
		LeaseLook lease = look.lease();
		if (carriesOurLease) {
			return Verdict.OURS;
		}
		if (look.leaseId() == null || lease == null) {
			return Verdict.FREE;
		}
		if (lease.remaining().isNegative() || lease.remaining().isZero()) {
			return Verdict.EXPIRED;
		}
		return isUnchanged(look.leaseId(), lease, now) ? Verdict.UNCHANGED : Verdict.HELD;
	}

	/**
	 * Counted from the receipt of the first look with this counter: counted from its
	 * sending, a renewal that came just before the look ran would be overlooked.
	 */
	private boolean isUnchanged(String leaseId, LeaseLook lease, Instants now) {
		Watch watch = this.watches.get(leaseId);
		if (watch == null || watch.counter() != lease.counter()) {
			this.watches.put(leaseId, new Watch(lease.counter(), now.nanos()));
			return false;
		}
		Duration patience = lease.duration().plus(lease.duration().dividedBy(WATCH_MARGIN_DIVISOR));
		return !now.isBefore(watch.sinceNanos() + TimeSource.nanos(patience));
	}

}
