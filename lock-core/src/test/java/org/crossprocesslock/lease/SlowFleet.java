package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.Effect.Granted;

/**
 * Processes that wait for one key, hold it for a moment and wait again, with a store that
 * is as slow as one is: statements and notices take their time, and each another one, an
 * acquire keeps its row locked until it is on disk, and whoever closes a guard waits for
 * its release before it asks again.
 */
final class SlowFleet {

	private static final Duration WAIT = Duration.ofHours(1);

	private static final Duration HOLD = Duration.ofMillis(3);

	private static final Duration COMMIT = Duration.ofMillis(2);

	private record Event(long at, long number, TickedProcess process, Runnable action) implements Comparable<Event> {

		@Override
		public int compareTo(Event other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.number, other.number);
		}

	}

	private final List<TickedProcess> processes = new ArrayList<>();

	private final TickedWorld world = new TickedWorld();

	private final SplittableRandom random = new SplittableRandom(1);

	/** How long the way of a statement or a notice may be. */
	private final Duration way;

	/** How much longer whoever has had its turn does something else. */
	private final Duration away;

	private final PriorityQueue<Event> agenda = new PriorityQueue<>();

	private final Map<TickedProcess, Event> alarms = new HashMap<>();

	private final Map<TickedProcess, Waiter> waiters = new HashMap<>();

	private final Map<TickedProcess, Holding> closed = new HashMap<>();

	private final IdentityHashMap<Command, Boolean> seen = new IdentityHashMap<>();

	private final Map<TickedProcess, Integer> turns = new HashMap<>();

	private final Map<String, TickedProcess> byLease = new HashMap<>();

	private long nanos;

	private long noticedNanos;

	private long events;

	SlowFleet(int size, Duration way, Duration away) {
		this.way = way;
		this.away = away;
		for (int i = 0; i < size; i++) {
			this.processes.add(this.world.running("p" + i));
		}
		this.world.run(TickedWorld.HEARTBEAT);
		this.processes.forEach((process) -> this.byLease.put(process.listens().leaseId(), process));
		this.world.store.commit = COMMIT;
		this.world.store.notices = this::passOn;
		this.processes.forEach((process) -> in(away(), process, () -> asks(process)));
	}

	/** Lets time pass, and forgets the turns that have been. */
	SlowFleet warmUp(Duration time) {
		run(time);
		this.turns.clear();
		return this;
	}

	void run(Duration time) {
		long end = this.nanos + time.toNanos();
		for (Event next = this.agenda.peek(); next != null && next.at() <= end; next = this.agenda.peek()) {
			this.agenda.remove();
			pass(next.at());
			next.action().run();
			follow(next.process());
		}
		pass(end);
	}

	private void pass(long until) {
		this.world.pass(Duration.ofNanos(until - this.nanos));
		this.nanos = until;
	}

	int turns() {
		return this.turns.values().stream().mapToInt(Integer::intValue).sum();
	}

	/** The turns of the least served, as a multiple of those of the most served. */
	double leastToMost() {
		return (this.turns.size() < this.processes.size()) ? 0
				: (double) Collections.min(this.turns.values()) / Collections.max(this.turns.values());
	}

	int statements() {
		return this.processes.stream().mapToInt(TickedProcess::keyStatements).sum();
	}

	private void asks(TickedProcess process) {
		this.waiters.put(process, process.asks("key", WAIT));
	}

	private void closes(TickedProcess process, Holding hold) {
		process.closes(hold);
		this.closed.put(process, hold);
	}

	/** What comes of what has just happened to the process. */
	private void follow(TickedProcess process) {
		Waiter waiter = this.waiters.get(process);
		if (waiter != null && process.endOf(waiter) instanceof Granted granted) {
			this.waiters.remove(process);
			this.turns.merge(process, 1, Integer::sum);
			in(HOLD.toNanos(), process, () -> closes(process, granted.hold()));
		}
		Holding hold = this.closed.get(process);
		if (hold != null && hold.released().isDone()) {
			this.closed.remove(process);
			in(away(), process, () -> asks(process));
		}
		for (TickedSlot slot : List.of(process.leaseSlot, process.keySlots, process.releaseSlot)) {
			slot.underWay().stream().filter((command) -> this.seen.put(command, true) == null).forEach((command) -> {
				in(way(), process, () -> {
					Answer answer = command.runOn(this.world.store);
					in(COMMIT.toNanos() + way(), process, () -> slot.answer(command, answer));
				});
			});
		}
		Event before = this.alarms.remove(process);
		if (before != null) {
			this.agenda.remove(before);
		}
		Event alarm = event(Math.max(0, process.wakeIn()), process, process::timePasses);
		this.alarms.put(process, alarm);
		this.agenda.add(alarm);
	}

	/** In the order in which the store has them. */
	private void passOn(Notice notice) {
		this.noticedNanos = Math.max(this.noticedNanos, this.nanos + way());
		TickedProcess told = Objects.requireNonNull(this.byLease.get(notice.to()));
		in(this.noticedNanos - this.nanos, told, () -> told.hears(notice));
	}

	private long way() {
		return this.random.nextLong(this.way.toNanos() / 8, this.way.toNanos());
	}

	private long away() {
		return this.random.nextLong(this.away.toNanos() + 1);
	}

	private void in(long delay, TickedProcess process, Runnable action) {
		this.agenda.add(event(delay, process, action));
	}

	private Event event(long delay, TickedProcess process, Runnable action) {
		return new Event(this.nanos + delay, this.events++, process, action);
	}

}
