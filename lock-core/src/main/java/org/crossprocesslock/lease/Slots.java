package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.crossprocesslock.lease.Call.Slot;

/**
 * The statements that are under way, and for how long their answers are waited for. One
 * that is not answered in time is dropped: its slot is free for the next, and an answer
 * that comes later is ignored. So nobody waits for longer than that, whatever the store
 * does.
 */
final class Slots {

	/**
	 * The store says in time that it has no answer. Only what keeps this promise badly is
	 * dropped, after one part in this many more.
	 */
	private static final int GRACE_DIVISOR = 5;

	private final Map<Slot, Call> calls = new EnumMap<>(Slot.class);

	private final long answerNanos;

	private final Consumer<Effect> effects;

	private long made;

	Slots(long answerLimitNanos, Consumer<Effect> effects) {
		this.answerNanos = answerLimitNanos + answerLimitNanos / GRACE_DIVISOR;
		this.effects = effects;
	}

	/** For how long an answer is waited for. */
	long answerNanos() {
		return this.answerNanos;
	}

	boolean isFree(Slot slot) {
		return !this.calls.containsKey(slot);
	}

	/** Whether nothing about keys is under way. */
	boolean haveNoKeys() {
		return this.calls.keySet().stream().allMatch(Slot.LEASE::equals);
	}

	void run(Slot slot, Command command, Instants now) {
		Call call = new Call(this.made++, slot, command, now, now.nanos() + this.answerNanos);
		this.calls.put(slot, call);
		this.effects.accept(new Effect.Run(call));
	}

	/** Answers whether somebody still waits for the answer. */
	boolean answered(Call call) {
		return this.calls.remove(call.slot(), call);
	}

	/** Gives up those whose answer is overdue. */
	List<Call> drop(Instants now) {
		List<Call> overdue = new ArrayList<>(this.calls.values());
		overdue.removeIf((call) -> now.isBefore(call.answerBy()));
		for (Call call : overdue) {
			this.calls.remove(call.slot());
			this.effects.accept(new Effect.Dropped(call));
		}
		return overdue;
	}

	/** When the next answer is overdue, at the latest at the given time. */
	long nextOverdue(long latest) {
		long next = latest;
		for (Call call : this.calls.values()) {
			next = Schedule.earlier(next, call.answerBy());
		}
		return next;
	}

}
