package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockListener.Renewal;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Opening, renewing and losing the lease: rules 1 to 3 and 6. */
class LeaseKeepingTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	private final TickedWorld world = new TickedWorld();

	@Test
	void nothingIsAcquiredBeforeTheOpeningIsAnswered() {
		TickedProcess process = this.world.process(TickedWorld.OPTIONS, "a");
		Waiter waiter = process.asks("key", WAIT);
		Answer opened = process.leaseSlot.run();
		process.timePasses();
		assertThat(process.keyStatements()).isZero();
		process.leaseSlot.answer(opened);
		process.settle();
		assertThat(process.holds(process.holdOf(waiter))).isTrue();
	}

	@Test
	void anOpeningWithoutAnAnswerIsGivenUpAndANewIdOpened() {
		TickedProcess process = this.world.process(TickedWorld.OPTIONS, "a");
		process.timePasses();
		process.leaseSlot.run();
		process.leaseSlot.giveUp(false);
		this.world.run(TickedWorld.HEARTBEAT);
		List<Command.Open> openings = process.leaseSlot.sent(Command.Open.class);
		assertThat(openings).hasSize(2);
		assertThat(process.leaseId()).isEqualTo(openings.get(1).leaseId()).isNotEqualTo(openings.get(0).leaseId());
		assertThat(process.leaseSlot.sent(Command.End.class))
			.containsExactly(new Command.End(openings.get(0).leaseId()));
		assertThat(this.world.store.leaseCount()).isEqualTo(1);
	}

	@Test
	void openingsThatFailArePausedBetween() {
		TickedProcess process = this.world.process(TickedWorld.OPTIONS, "a");
		process.leaseSlot.answersAreLost = true;
		this.world.run(Duration.ofSeconds(10));
		assertThat(process.leaseSlot.sent(Command.Open.class)).hasSizeBetween(10, 20);
	}

	@Test
	void openingsThatCannotSucceedBecomeRareUntilSomebodyAsks() {
		TickedProcess process = this.world.process(TickedWorld.OPTIONS, "a");
		process.leaseSlot.answersAreLost = true;
		process.leaseSlot.forGood = true;
		this.world.run(Duration.ofMinutes(10));
		assertThat(process.leaseSlot.sent(Command.Open.class)).hasSizeBetween(20, 25);
		process.leaseSlot.answersAreLost = false;
		Waiter waiter = process.asks("key", WAIT);
		process.settle();
		assertThat(process.holds(process.holdOf(waiter))).isTrue();
	}

	@Test
	void theDeadlineCountsFromBeforeTheSendingOfTheOpening() {
		TickedProcess process = this.world.process(TickedWorld.OPTIONS, "a");
		process.timePasses();
		this.world.pass(Duration.ofSeconds(2));
		process.leaseSlot.goOn();
		process.leaseSlot.hangs = true;
		Holding hold = process.takes("key");
		this.world.pass(TickedWorld.LOCAL_DEADLINE.minusSeconds(2).minus(MILLI));
		assertThat(process.holds(hold)).isTrue();
		this.world.pass(MILLI);
		assertThat(process.holds(hold)).isFalse();
	}

	@Test
	void theDeadlineCountsFromBeforeTheSendingOfARenewal() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		this.world.pass(TickedWorld.HEARTBEAT);
		process.timePasses();
		Answer renewed = process.leaseSlot.run();
		this.world.pass(Duration.ofSeconds(2));
		process.leaseSlot.answer(renewed);
		this.world.pass(TickedWorld.LOCAL_DEADLINE.minusSeconds(2).minus(MILLI));
		assertThat(process.holds(hold)).isTrue();
		this.world.pass(MILLI);
		assertThat(process.holds(hold)).isFalse();
	}

	@Test
	void theWallClockAloneEndsTheLease() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		this.world.sleep(TickedWorld.LEASE.minus(MILLI));
		assertThat(process.holds(hold)).isTrue();
		this.world.sleep(MILLI);
		assertThat(process.holds(hold)).isFalse();
		process.timePasses();
		assertThat(process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).containsExactly(hold);
	}

	@Test
	void aLossIsToldInTimeWhateverTheStoreDoes() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		process.leaseSlot.hangs = true;
		process.keySlots.hangs = true;
		this.world.run(TickedWorld.LOCAL_DEADLINE.minus(MILLI));
		assertThat(process.said(Effect.Lost.class)).isEmpty();
		this.world.run(MILLI);
		assertThat(process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).containsExactly(hold);
	}

	@Test
	void aLateRenewalAnswerRevivesNothing() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		this.world.pass(Duration.ofSeconds(8));
		process.timePasses();
		Answer renewed = process.leaseSlot.run();
		this.world.pass(Duration.ofSeconds(1));
		process.leaseSlot.answer(renewed);
		assertThat(process.holds(hold)).isFalse();
		assertThat(process.said(Effect.LeaseLost.class)).hasSize(1);
	}

	@Test
	void aGuardSeenLostByAReaderIsNeverHeldAgain() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		this.world.pass(Duration.ofSeconds(8));
		process.timePasses();
		Instants early = this.world.now();
		Answer renewed = process.leaseSlot.run();
		this.world.pass(Duration.ofSeconds(1));
		assertThat(process.holds(hold)).isFalse();
		assertThat(hold.isHeld(early)).isFalse();
		process.leaseSlot.answer(renewed);
		assertThat(process.holds(hold)).isFalse();
	}

	@Test
	void aRenewalThatFindsNoRowLosesAllGuardsAtOnce() {
		TickedProcess process = this.world.running("a");
		List<Holding> holds = List.of(process.takes("one"), process.takes("two"));
		this.world.store.end(process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(process.said(Effect.Lost.class)).extracting(Effect.Lost::hold)
			.containsExactlyInAnyOrderElementsOf(holds);
		assertThat(holds).noneMatch(process::holds);
	}

	@Test
	void aRenewalThatFailsIsTriedAgainUntilTheLeaseIsOver() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		process.leaseSlot.answersAreLost = true;
		this.world.run(TickedWorld.LOCAL_DEADLINE.minus(MILLI));
		assertThat(process.leaseSlot.sent(Command.Renew.class)).hasSize(8);
		process.leaseSlot.answersAreLost = false;
		this.world.pass(MILLI);
		process.timePasses();
		assertThat(process.holds(hold)).isFalse();
	}

	@Test
	void eachRenewalIsReportedWithWhatHasBecomeOfIt() {
		TickedProcess process = this.world.running("a");
		this.world.run(TickedWorld.HEARTBEAT);
		process.leaseSlot.answersAreLost = true;
		this.world.run(TickedWorld.HEARTBEAT);
		process.leaseSlot.answersAreLost = false;
		this.world.store.end(process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(process.said(Effect.Renewed.class)).extracting(Effect.Renewed::renewal)
			.containsExactly(Renewal.RENEWED, Renewal.FAILED, Renewal.GONE);
	}

	@Test
	void aLateTickIsOneTick() {
		TickedProcess process = this.world.running("a");
		this.world.pass(TickedWorld.HEARTBEAT.multipliedBy(5));
		process.timePasses();
		process.settle();
		assertThat(process.leaseSlot.sent(Command.Renew.class)).hasSize(1);
		this.world.run(TickedWorld.HEARTBEAT.minus(MILLI));
		assertThat(process.leaseSlot.sent(Command.Renew.class)).hasSize(1);
		this.world.run(MILLI);
		assertThat(process.leaseSlot.sent(Command.Renew.class)).hasSize(2);
	}

	@Test
	void afterALossTheOldRowIsDeletedAndThenANewLeaseOpened() {
		TickedProcess process = this.world.running("a");
		String old = process.leaseId();
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		process.timePasses();
		assertThat(process.leaseSlot.pending()).isEqualTo(new Command.End(old));
		process.leaseSlot.goOn();
		assertThat(process.leaseSlot.pending()).isInstanceOfSatisfying(Command.Open.class,
				(open) -> assertThat(open.leaseId()).isNotEqualTo(old));
		process.leaseSlot.goOn();
		assertThat(process.takes("key")).matches(process::holds);
	}

	@Test
	void aRenewalDoesNotWaitBehindTheEndOfAnOldLease() {
		TickedProcess process = this.world.running("a");
		process.takes("key");
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		process.timePasses();
		process.leaseSlot.giveUp(false);
		process.leaseSlot.goOn();
		process.leaseSlot.hangs = true;
		process.asks("key", WAIT);
		process.settle();
		assertThat(process.leaseSlot.pending()).as("a look has found the old row").isInstanceOf(Command.End.class);
		this.world.run(TickedWorld.HEARTBEAT.plusMillis(500));
		process.leaseSlot.giveUp(false);
		assertThat(process.leaseSlot.pending()).isInstanceOf(Command.Renew.class);
	}

	@Test
	void oneStatementRenewsAThousandKeys() {
		TickedProcess process = this.world.running("a");
		List<Holding> holds = new ArrayList<>();
		for (int i = 0; i < 1000; i++) {
			holds.add(process.takes("key" + i));
		}
		int leaseStatements = process.leaseSlot.sentCount();
		int keyStatements = process.keyStatements();
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(20));
		assertThat(process.leaseSlot.sentCount() - leaseStatements).isEqualTo(20);
		assertThat(process.keyStatements()).isEqualTo(keyStatements);
		assertThat(holds).allMatch(process::holds);
	}

	@Test
	void renewalsGoOnWhileTheKeysHang() {
		TickedProcess process = this.world.running("a");
		Holding hold = process.takes("key");
		Holding other = process.takes("other");
		process.keySlots.hangs = true;
		process.releaseSlot.hangs = true;
		process.closes(other);
		process.asks("another", WAIT);
		this.world.run(TickedWorld.LEASE.multipliedBy(2));
		assertThat(process.holds(hold)).isTrue();
	}

	@Test
	void predecessorsOfTheSameNameAreEndedOnceBeforeTheFirstOpening() {
		this.world.store.open("predecessor", "stable", TickedWorld.LEASE);
		TickedProcess process = this.world.process(TickedWorld.OPTIONS.withHolderName("stable"), "a");
		process.timePasses();
		assertThat(process.leaseSlot.pending()).isEqualTo(new Command.TakeOver("stable"));
		process.settle();
		assertThat(this.world.store.isAlive("predecessor")).isFalse();
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		process.timePasses();
		process.settle();
		assertThat(process.leaseSlot.sent(Command.Open.class)).hasSize(2);
		assertThat(process.leaseSlot.sent(Command.TakeOver.class)).hasSize(1);
	}

	@Test
	void predecessorsThatCouldNotBeEndedAreTriedAgainBeforeTheFirstOpening() {
		this.world.store.open("predecessor", "stable", TickedWorld.LEASE);
		TickedProcess process = this.world.process(TickedWorld.OPTIONS.withHolderName("stable"), "a");
		Waiter waiter = process.asks("key", Duration.ZERO);
		LockStoreException failure = process.leaseSlot.giveUp(false);
		assertThat(process.endOf(waiter)).isEqualTo(new Effect.Failed(waiter, failure));
		assertThat(process.leaseSlot.sent(Command.Open.class)).isEmpty();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.isAlive("predecessor")).isFalse();
		assertThat(process.leaseSlot.sent(Command.TakeOver.class)).hasSize(2);
		assertThat(process.leaseSlot.sent(Command.Open.class)).hasSize(1);
	}

	@Test
	void withoutAStableNameNobodyIsEnded() {
		TickedProcess process = this.world.running("a");
		assertThat(process.leaseSlot.sent(Command.TakeOver.class)).isEmpty();
	}

}
