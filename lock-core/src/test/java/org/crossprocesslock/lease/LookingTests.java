package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Waiting for a key that another process has: rules 4, 5, 13 and 17. */
class LookingTests {

	private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

	private static final Duration PATIENCE = TickedWorld.LEASE.multipliedBy(6).dividedBy(5);

	private static final Duration LONGEST_PAUSE = TickedWorld.OPTIONS.maxBackoff();

	private static final Duration MILLI = Duration.ofMillis(1);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess holder = this.world.running("holder");

	private final TickedProcess waiting = this.world.running("waiting");

	@Test
	void aKeyOfALiveLeaseIsBusyAfterOneStatement() {
		this.holder.takes("key");
		Waiter waiter = this.waiting.asks("key", Duration.ZERO);
		this.waiting.settle();
		assertThat(this.waiting.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, "holder"));
		assertThat(this.waiting.keySlots.sent(Command.Acquire.class)).hasSize(1);
		assertThat(this.waiting.keyStatements()).isEqualTo(1);
	}

	@Test
	void aKeyThatSomebodyIsJustTakingIsBusy() {
		Waiter waiter = this.waiting.asks("key", Duration.ZERO);
		this.holder.takes("key");
		this.waiting.keySlots.answer(new Answer.Acquired(List.of(new Busy(new KeyLook("key", null, 0, null)))));
		this.waiting.settle();
		assertThat(this.waiting.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, null));
		assertThat(this.waiting.keyStatements()).isEqualTo(1);
	}

	@Test
	void aKeyThatABusyAcquireFindsWithADeadLeaseIsTakenWithoutALook() {
		this.holder.takes("key");
		this.world.store.end(this.holder.leaseId());
		Holding hold = this.waiting.takes("key");
		assertThat(this.waiting.holds(hold)).isTrue();
		assertThat(this.waiting.keyStatements()).isEqualTo(2);
		assertThat(this.waiting.keySlots.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void whoHasNoTimeLeftDoesNotPauseAfterAReapThatCameTooLate() {
		TickedProcess faster = this.world.running("faster");
		this.holder.takes("key");
		this.world.kill(this.holder);
		this.world.run(TickedWorld.LEASE);
		Waiter waiter = this.waiting.asks("key", Duration.ZERO);
		this.waiting.keySlots.goOn();
		assertThat(this.waiting.keySlots.pending()).isInstanceOf(Command.Reap.class);
		faster.takes("key");
		this.waiting.settle();
		assertThat(this.waiting.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, "faster"));
	}

	@Test
	void whoHasNoTimeLeftDoesNotPauseForWhatItsOwnProcessHasLeftBehind() {
		this.waiting.asks("key", Duration.ZERO);
		this.waiting.keySlots.run();
		this.waiting.keySlots.giveUp(false);
		Waiter waiter = this.waiting.asks("key", Duration.ZERO);
		this.waiting.settle();
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
	}

	@Test
	void aLeaseOfAnAbsurdDurationIsBusyAndNothingElse() {
		this.world.store.open("absurd", "somebody", Duration.ofNanos(Long.MAX_VALUE));
		var unused = this.world.store.acquire("absurd", Long.MAX_VALUE,
				List.of(new LeaseStore.AcquireOrder("key", null, false)));
		Waiter waiter = this.waiting.asks("key", Duration.ofSeconds(3));
		this.world.run(Duration.ofSeconds(3));
		assertThat(this.waiting.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, "somebody"));
	}

	@Test
	void aWaitThatIsOverEndsWithTheHolderLastSeen() {
		this.holder.takes("key");
		Waiter waiter = this.waiting.asks("key", Duration.ofSeconds(3));
		this.world.run(Duration.ofSeconds(3).minus(MILLI));
		assertThat(this.waiting.endOf(waiter)).isNull();
		this.world.run(MILLI);
		assertThat(this.waiting.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, "holder"));
	}

	@Test
	void aReleasedKeyIsFoundWithinTheLongestPause() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = this.waiting.asks("key", FOREVER);
		this.world.run(Duration.ofSeconds(20));
		this.holder.closes(hold);
		this.holder.settle();
		this.world.run(LONGEST_PAUSE);
		assertThat(this.waiting.holdOf(waiter).token()).isGreaterThan(hold.token());
	}

	@Test
	void anExpiredLeaseIsReapedWhenItRunsOutAndItsKeyTaken() {
		this.holder.takes("key");
		Waiter waiter = this.waiting.asks("key", FOREVER);
		this.world.kill(this.holder);
		this.world.run(TickedWorld.LEASE.minus(MILLI));
		assertThat(this.waiting.endOf(waiter)).isNull();
		this.world.run(MILLI.multipliedBy(3));
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
		assertThat(this.waiting.keySlots.sent(Command.Reap.class))
			.containsExactly(new Command.Reap(this.holder.leaseId(), null));
	}

	@Test
	void aSingleAttemptReapsToo() {
		this.holder.takes("key");
		this.world.kill(this.holder);
		this.world.run(TickedWorld.LEASE);
		Waiter waiter = this.waiting.asks("key", Duration.ZERO);
		this.waiting.settle();
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
		assertThat(this.waiting.keySlots.sent(Command.Reap.class)).hasSize(1);
	}

	@Test
	void aLeaseThatIsRenewedJustBeforeItsReapIsReapedTheNextTime() {
		this.holder.takes("key");
		this.world.kill(this.holder);
		this.world.run(TickedWorld.LEASE);
		Waiter waiter = this.waiting.asks("key", FOREVER);
		this.waiting.keySlots.goOn();
		assertThat(this.waiting.keySlots.pending()).isInstanceOf(Command.Reap.class);
		assertThat(this.world.store.renew(this.holder.leaseId())).isPresent();
		this.waiting.settle();
		this.world.run(TickedWorld.LEASE.minus(MILLI));
		assertThat(this.waiting.endOf(waiter)).isNull();
		this.world.run(LONGEST_PAUSE);
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
	}

	@Test
	void aLeaseThatIsRenewedIsNeverReaped() {
		Holding hold = this.holder.takes("key");
		this.waiting.asks("key", FOREVER);
		this.world.run(PATIENCE.multipliedBy(5));
		assertThat(this.waiting.keySlots.sent(Command.Reap.class)).isEmpty();
		assertThat(this.holder.holds(hold)).isTrue();
	}

	@Test
	void aDatabaseClockSetBackDoesNotFreezeTheKeysOfTheDead() {
		this.holder.takes("key");
		Waiter waiter = this.waiting.asks("key", FOREVER);
		this.waiting.settle();
		this.world.kill(this.holder);
		this.world.setDatabaseClockBack(Duration.ofHours(1));
		this.world.run(PATIENCE.minus(MILLI));
		assertThat(this.waiting.keySlots.sent(Command.Reap.class)).isEmpty();
		this.world.run(LONGEST_PAUSE.plus(MILLI));
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
		assertThat(this.waiting.keySlots.sent(Command.Reap.class))
			.containsExactly(new Command.Reap(this.holder.leaseId(), 0L));
	}

	@Test
	void anUnchangedCounterIsCountedFromTheReceiptOfALook() {
		this.holder.takes("key");
		this.world.kill(this.holder);
		this.world.setDatabaseClockBack(Duration.ofHours(1));
		this.waiting.keySlots.hangs = true;
		this.waiting.asks("key", FOREVER);
		Answer look = this.waiting.keySlots.run();
		this.world.run(Duration.ofSeconds(2));
		this.waiting.keySlots.answer(look);
		this.waiting.keySlots.hangs = false;
		this.world.run(PATIENCE.minus(MILLI));
		assertThat(this.waiting.keySlots.sent(Command.Reap.class)).isEmpty();
		this.world.run(LONGEST_PAUSE.plus(MILLI));
		assertThat(this.waiting.keySlots.sent(Command.Reap.class)).hasSize(1);
	}

	@Test
	void keysAskedForAtDifferentTimesAreLookedAtTogether() {
		for (int i = 0; i < 20; i++) {
			this.holder.takes("key" + i);
		}
		for (int i = 0; i < 20; i++) {
			this.waiting.asks("key" + i, FOREVER);
			this.world.run(LONGEST_PAUSE.dividedBy(7));
		}
		this.world.run(LONGEST_PAUSE.multipliedBy(10));
		int before = this.waiting.keySlots.sent(Command.Acquire.class).size();
		this.world.run(LONGEST_PAUSE.multipliedBy(100));
		assertThat(this.waiting.keySlots.sent(Command.Acquire.class)).hasSizeBetween(before + 100, before + 160);
		assertThat(this.waiting.keySlots.sent(Command.Acquire.class)).last()
			.satisfies((acquire) -> assertThat(acquire.orders()).hasSize(20));
	}

	@Test
	void anAcquireDoesNotWaitForALook() {
		looksForWhatItHasReleased("key");
		Waiter waiter = this.waiting.asks("other", FOREVER);
		answersItsAcquire();
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
	}

	@Test
	void aLookThatSawAGrantReleasedSinceChangesNothing() {
		looksForWhatItHasReleased("key");
		Command look = this.waiting.keySlots.pending();
		Answer old = look.runOn(this.world.store);
		Waiter waiter = this.waiting.asks("key", FOREVER);
		answersItsAcquire();
		this.waiting.releaseSlot.goOn();
		answersItsAcquire();
		Holding hold = this.waiting.holdOf(waiter);
		this.waiting.closes(hold);
		this.waiting.settle();
		Holding next = this.holder.takes("key");
		this.waiting.keySlots.answer(look, old);
		this.waiting.keySlots.hangs = false;
		this.waiting.settle();
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.holder.leaseId());
		assertThat(this.holder.holds(next)).isTrue();
		this.holder.closes(next);
		this.holder.settle();
		assertThat(this.waiting.isDirty(this.waiting.takes("key"))).as("somebody else had it").isTrue();
	}

	/** Up to a look that is not answered. */
	private void looksForWhatItHasReleased(String key) {
		this.waiting.closes(this.waiting.takes(key));
		this.waiting.releaseSlot.giveUp(false);
		this.waiting.keySlots.hangs = true;
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.waiting.keySlots.pending()).isInstanceOf(Command.Look.class);
	}

	private void answersItsAcquire() {
		Command.Acquire acquire = this.waiting.keySlots.pending(Command.Acquire.class);
		this.waiting.keySlots.answer(acquire, acquire.runOn(this.world.store));
	}

	@Test
	void aLookThatFindsTheOwnLateGrantReleasesIt() {
		Waiter waiter = this.waiting.asks("key", FOREVER);
		this.waiting.keySlots.run();
		this.waiting.keySlots.giveUp(false);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.waiting.releaseSlot.sent(Command.Release.class)).hasSize(1);
		assertThat(this.waiting.holds(this.waiting.holdOf(waiter))).isTrue();
	}

	@Test
	void tenThousandKeysCostFewStatementsOnceBackedOff() {
		List<Waiter> held = new ArrayList<>();
		List<Waiter> waiters = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			held.add(this.holder.asks("key" + i, FOREVER));
		}
		this.holder.settle();
		for (int i = 0; i < 10_000; i++) {
			waiters.add(this.waiting.asks("key" + i, FOREVER));
		}
		this.world.run(Duration.ofSeconds(5));
		int before = this.waiting.keyStatements();
		this.world.run(Duration.ofSeconds(10));
		int statements = this.waiting.keyStatements() - before;
		assertThat(statements).as("statements in ten seconds").isLessThan(400);
		assertThat(held).allMatch((waiter) -> this.holder.holds(this.holder.holdOf(waiter)));
		assertThat(waiters).allMatch((waiter) -> this.waiting.endOf(waiter) == null);
	}

	@Test
	void pausesGrowAlsoWhenTheStoreIsAwayJustBeforeTheLeaseRunsOut() {
		this.holder.takes("key");
		this.world.kill(this.holder);
		this.world.run(TickedWorld.LEASE.minusMillis(2));
		this.waiting.asks("key", FOREVER);
		this.waiting.settle();
		this.waiting.keySlots.answersAreLost = true;
		int before = this.waiting.keyStatements();
		this.world.run(Duration.ofSeconds(5));
		assertThat(this.waiting.keyStatements() - before).isLessThan(30);
	}

	@Test
	void aRequestWithoutWaitTimeDoesNotWaitForAPause() {
		TickedProcess faster = this.world.running("faster");
		Holding hold = this.holder.takes("key");
		Waiter patient = this.waiting.asksToShare("key", FOREVER);
		this.waiting.settle();
		this.holder.closes(hold);
		this.holder.settle();
		this.waiting.keySlots.hangs = true;
		this.world.run(LONGEST_PAUSE);
		assertThat(this.waiting.keySlots.pending()).isInstanceOf(Command.Acquire.class);
		faster.takes("key");
		Waiter only = this.waiting.asksToShare("key", Duration.ZERO);
		this.waiting.keySlots.hangs = false;
		this.waiting.settle();
		assertThat(this.waiting.endOf(only)).isEqualTo(new Effect.Busy(only, "faster"));
		assertThat(this.waiting.endOf(patient)).isNull();
	}

	@Test
	void aSharedRequestWithoutWaitTimeJoinsThoseWhoWaitAndAsksAtOnce() {
		this.holder.takes("key");
		this.waiting.asksToShare("key", FOREVER);
		this.world.run(Duration.ofSeconds(5));
		Waiter only = this.waiting.asksToShare("key", Duration.ZERO);
		this.waiting.settle();
		assertThat(this.waiting.endOf(only)).isEqualTo(new Effect.Busy(only, "holder"));
	}

	@Test
	void aFullPurgeIsFollowedByTheNextOneSoon() {
		for (int key = 0; key < 2 * SimulatedStore.PURGE_ROWS + 1; key++) {
			this.world.store.locks.put("key-" + key, new SimulatedStore.LockRow(null, 1, "gone"));
		}
		this.world.run(Agenda.PURGE_INTERVAL.plus(Agenda.PURGE_PAUSE.multipliedBy(3)));
		// three of one, and one of the other
		assertThat(this.holder.keySlots.sent(Command.Purge.class).size()
				+ this.waiting.keySlots.sent(Command.Purge.class).size())
			.isEqualTo(4);
		assertThat(this.world.store.locks).isEmpty();
	}

	@Test
	void eachProcessPurgesOnceInAnInterval() {
		this.world.run(Agenda.PURGE_INTERVAL);
		assertThat(this.waiting.keySlots.sent(Command.Purge.class))
			.containsExactly(new Command.Purge(TickedWorld.OPTIONS.purgeAge()));
		this.world.run(Agenda.PURGE_INTERVAL);
		assertThat(this.waiting.keySlots.sent(Command.Purge.class)).hasSize(2);
	}

}
