package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;

import org.crossprocesslock.LockMode;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LeaseMachine} in a {@link TickedWorld}, with everything it has said.
 */
final class TickedProcess {

	final TickedSlot leaseSlot;

	final TickedSlot keySlots;

	final TickedSlot releaseSlot;

	private final TickedWorld world;

	private final IdentityHashMap<Command, Call> calls = new IdentityHashMap<>();

	private final LeaseMachine machine;

	private final List<Effect> effects = new ArrayList<>();

	private final Map<Waiter, Effect.OfWaiter> ends = new LinkedHashMap<>();

	TickedProcess(TickedWorld world, LeaseOptions options, String label, long seed) {
		this.world = world;
		SplittableRandom random = new SplittableRandom(seed);
		this.machine = new LeaseMachine(options, label, TickedWorld.ANSWER_LIMIT.toNanos(), Agenda.WORTH_ANOTHER,
				KeyMemory.REMEMBERED, () -> new UUID(random.nextLong(), random.nextLong()), random, world.now());
		this.leaseSlot = new TickedSlot(world.store, 1, this::answered);
		this.keySlots = new TickedSlot(world.store, 2, this::answered);
		this.releaseSlot = new TickedSlot(world.store, 1, this::answered);
	}

	private void answered(Command command, Answer answer) {
		Call call = Objects.requireNonNull(this.calls.get(command));
		act(() -> this.machine.answered(call, answer, this.world.now()));
	}

	void timePasses() {
		act(() -> this.machine.timePassed(this.world.now()));
	}

	Waiter asks(String key, Duration wait) {
		return asks(key, LockMode.EXCLUSIVE, wait);
	}

	Waiter asksToShare(String key, Duration wait) {
		return asks(key, LockMode.SHARED_IN_PROCESS, wait);
	}

	private Waiter asks(String key, LockMode mode, Duration wait) {
		return asks(new Waiter(key, mode, TimeSource.nanos(wait), null));
	}

	/** Asks for a grant that keeps its key. */
	Waiter asks(String key, Duration keep, Duration wait) {
		return asks(new Waiter(key, LockMode.EXCLUSIVE, TimeSource.nanos(wait), keep, null));
	}

	private Waiter asks(Waiter waiter) {
		act(() -> this.machine.requested(waiter, this.world.now()));
		return waiter;
	}

	/** Asks, lets the statements it takes run, and expects a guard. */
	Holding takes(String key) {
		Waiter waiter = asks(key, Duration.ofSeconds(30));
		settle();
		return holdOf(waiter);
	}

	void givesUp(Waiter waiter) {
		act(() -> this.machine.abandoned(waiter, this.world.now()));
	}

	void closes(Holding hold) {
		act(() -> this.machine.closed(hold, this.world.now()));
	}

	/** Nobody has received the guard. */
	void givesBack(Holding hold) {
		act(() -> this.machine.givenBack(hold, this.world.now()));
	}

	CommitStart beginsCommit(Holding hold) {
		CommitStart[] start = { CommitStart.LOST };
		act(() -> start[0] = this.machine.commitBegun(hold, this.world.now()));
		return start[0];
	}

	/** A transaction is over; whether in the store too may not be known. */
	void endsCommit(Holding hold, boolean known) {
		act(() -> this.machine.commitEnded(hold, known, this.world.now()));
	}

	/** A transaction has found that the row does not carry the guard's grant. */
	void findsTaken(Holding hold) {
		act(() -> this.machine.taken(hold, "taken", this.world.now()));
	}

	/** An operator takes the key away. */
	boolean takesAway(String key, long token) {
		boolean[] taken = { false };
		act(() -> taken[0] = this.machine.takeAway(key, token, this.world.now()));
		return taken[0];
	}

	void clearsDirty(Holding hold) {
		act(() -> this.machine.clearDirty(hold, this.world.now()));
	}

	/** What others tell its lease arrives from now on. */
	TickedProcess listens() {
		act(() -> this.machine.listening(leaseId(), true, this.world.now()));
		return this;
	}

	/** And from now on it does not. */
	void isDeaf() {
		act(() -> this.machine.listening(leaseId(), false, this.world.now()));
	}

	void hears(Notice notice) {
		act(() -> this.machine.noticed(notice, this.world.now()));
	}

	void stops() {
		act(() -> this.machine.stop(this.world.now()));
	}

	/** Runs statements until none is under way, without letting time pass. */
	void settle() {
		List<TickedSlot> slots = List.of(this.leaseSlot, this.releaseSlot, this.keySlots);
		for (int i = 0; slots.stream().anyMatch(TickedSlot::canGoOn); i++) {
			if (i > 10_000) {
				throw new AssertionError("Statements without end, last " + this.effects.get(this.effects.size() - 1));
			}
			slots.stream().filter(TickedSlot::canGoOn).forEach(TickedSlot::goOn);
		}
	}

	Holding holdOf(Waiter waiter) {
		if (this.ends.get(waiter) instanceof Effect.Granted granted) {
			return granted.hold();
		}
		throw new AssertionError("Not granted but " + this.ends.get(waiter));
	}

	/** No statement about keys is under way. */
	boolean isQuiet() {
		return this.keySlots.isIdle() && this.releaseSlot.isIdle();
	}

	/** How many statements about keys were ever sent. */
	int keyStatements() {
		return this.keySlots.sentCount() + this.releaseSlot.sentCount();
	}

	/** How the waiting came to its end, {@code null} while it goes on. */
	Effect.@Nullable OfWaiter endOf(Waiter waiter) {
		return this.ends.get(waiter);
	}

	boolean holds(Holding hold) {
		return hold.isHeld(this.world.now());
	}

	boolean isDirty(Holding hold) {
		return hold.grant().key.row.isDirty();
	}

	/** All that was said of the kind. */
	<T extends Effect> List<T> said(Class<T> kind) {
		return this.effects.stream().filter(kind::isInstance).map(kind::cast).toList();
	}

	/** Where in all that was said the first of the kind is. */
	int when(Class<? extends Effect> kind) {
		for (int i = 0; i < this.effects.size(); i++) {
			if (kind.isInstance(this.effects.get(i))) {
				return i;
			}
		}
		throw new AssertionError("No " + kind + " was said");
	}

	/** The id of the lease that was opened last. */
	String leaseId() {
		List<Effect.LeaseOpened> opened = said(Effect.LeaseOpened.class);
		return opened.get(opened.size() - 1).leaseId();
	}

	/** In how many nanoseconds the machine wants to be told of the time. */
	long wakeIn() {
		Instants now = this.world.now();
		return this.machine.nextWake(now) - now.nanos();
	}

	private void act(Runnable event) {
		event.run();
		for (Effect effect : this.machine.takeEffects()) {
			this.effects.add(effect);
			if (effect instanceof Effect.Run run) {
				this.calls.put(run.call().command(), run.call());
				slotOf(run.call()).send(run.call().command());
			}
			else if (effect instanceof Effect.Dropped dropped) {
				slotOf(dropped.call()).drop(dropped.call().command());
			}
			else if (effect instanceof Effect.Released released) {
				released.hold().released().complete(null);
			}
			else if (effect instanceof Effect.OfWaiter end) {
				Effect before = this.ends.putIfAbsent(end.waiter(), end);
				if (before != null) {
					throw new AssertionError("A request ended twice, by " + before + " and by " + end);
				}
			}
		}
	}

	private TickedSlot slotOf(Call call) {
		return switch (call.slot()) {
			case LEASE -> this.leaseSlot;
			case ACQUIRE, LOOK -> this.keySlots;
			case RELEASE -> this.releaseSlot;
		};
	}

}
