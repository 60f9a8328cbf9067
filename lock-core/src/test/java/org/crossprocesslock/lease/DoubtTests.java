package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Statements that end without an answer: rule 10. */
class DoubtTests {

	private static final Duration MILLI = Duration.ofMillis(1);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void aKeyWhoseAcquireIsUnansweredIsLookedAtWithEveryHeartbeat() {
		this.process.asks("key", Duration.ZERO);
		this.process.keySlots.giveUp(false);
		assertThat(this.process.keySlots.isIdle()).isTrue();
		this.world.run(TickedWorld.HEARTBEAT.minus(MILLI));
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
		this.world.run(MILLI);
		assertThat(this.process.keySlots.sent(Command.Look.class)).hasSize(1);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.keySlots.sent(Command.Look.class)).hasSize(2);
	}

	@Test
	void doubtEndsOnlyAfterNoStatementCanRunAnyMore() {
		this.process.asks("key", Duration.ZERO);
		Command acquire = this.process.keySlots.pending();
		this.process.keySlots.giveUp(false);
		// looks at 1 and 2 seconds find nothing, then the statement runs
		this.world.run(TickedWorld.ANSWER_LIMIT.minus(MILLI));
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
		this.world.run(TickedWorld.ANSWER_LIMIT.plus(TickedWorld.HEARTBEAT));
		int looks = this.process.keySlots.sent(Command.Look.class).size();
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(5));
		assertThat(this.process.keySlots.sent(Command.Look.class)).as("doubt has ended").hasSize(looks);
	}

	@Test
	void ofSeveralKeysOnlyThatWithoutAnAnswerIsInDoubt() {
		this.process.asks("blocking", Duration.ZERO);
		Waiter good = this.process.asks("good", Duration.ZERO);
		Waiter lost = this.process.asks("lost", Duration.ZERO);
		this.process.keySlots.goOn();
		Command acquire = this.process.keySlots.pending();
		LockStoreException failure = new LockStoreException("no answer", new IllegalStateException(), false);
		this.process.keySlots.answer(new Answer.Acquired(
				List.of(new LeaseStore.Granted("good", 5, null), new LeaseStore.Unanswered("lost", failure))));
		assertThat(this.process.holds(this.process.holdOf(good))).isTrue();
		assertThat(this.process.endOf(lost)).isEqualTo(new Effect.Failed(lost, failure));
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("lost")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("lost")).isNull();
		assertThat(this.process.holds(this.process.holdOf(good))).isTrue();
	}

	@Test
	void anAcquireThatComesTooLateTakesNothing() {
		this.process.asks("key", Duration.ZERO);
		Command acquire = this.process.keySlots.pending();
		this.process.keySlots.giveUp(false);
		this.world.run(TickedWorld.ANSWER_LIMIT.plus(MILLI));
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aDatabaseClockThatIsSetBackBringsDoubtBack() {
		this.process.asks("key", Duration.ZERO);
		Command acquire = this.process.keySlots.pending();
		this.process.keySlots.giveUp(false);
		this.world.run(TickedWorld.ANSWER_LIMIT.multipliedBy(4));
		int looks = this.process.keySlots.sent(Command.Look.class).size();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.keySlots.sent(Command.Look.class)).as("doubt has ended").hasSize(looks);
		this.world.setDatabaseClockBack(TickedWorld.ANSWER_LIMIT.multipliedBy(5));
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aDatabaseClockThatIsSetBackAfterOnlyALookHasSeenItForwardBringsDoubtBack() {
		this.process.asks("key", Duration.ZERO);
		Command acquire = this.process.keySlots.pending();
		this.process.keySlots.giveUp(false);
		this.world.pass(TickedWorld.HEARTBEAT);
		this.process.timePasses();
		this.process.leaseSlot.goOn();
		Duration jump = TickedWorld.ANSWER_LIMIT.multipliedBy(4);
		this.world.setDatabaseClockBack(jump.negated());
		this.process.keySlots.goOn();
		this.world.setDatabaseClockBack(jump);
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(2));
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aDatabaseClockThatIsSetForwardCostsOneAttempt() {
		this.world.setDatabaseClockBack(Duration.ofHours(-1));
		Waiter waiter = this.process.asks("key", Duration.ofSeconds(30));
		this.process.keySlots.goOn();
		assertThat(this.process.endOf(waiter)).isNull();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.holds(this.process.holdOf(waiter))).isTrue();
	}

	@Test
	void theOrphanOfAnUnansweredAcquireIsReleased() {
		this.process.asks("key", Duration.ZERO);
		this.process.keySlots.run();
		this.process.keySlots.giveUp(false);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(1);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void anUnansweredReleaseIsRepeated() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		this.process.releaseSlot.giveUp(false);
		assertThat(this.process.said(Effect.Released.class)).as("its closer does not wait for ever").hasSize(1);
		assertThat(this.world.store.leaseIdOf("key")).isNotNull();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void newRequestsNeedNotWaitForTheEndOfDoubt() {
		this.process.asks("key", Duration.ZERO);
		this.process.keySlots.giveUp(false);
		Holding hold = this.process.takes("key");
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.holds(hold)).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).as("a guard backs the row").isEmpty();
	}

	@Test
	void doubtEndsWithTheLease() {
		this.process.asks("key", Duration.ZERO);
		this.process.keySlots.giveUp(false);
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.settle();
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void anUnansweredStatementOfALostLeaseLeavesNoDoubt() {
		this.process.asks("key", Duration.ZERO);
		this.world.sleep(TickedWorld.LEASE);
		this.process.timePasses();
		this.process.leaseSlot.goOn();
		this.process.leaseSlot.goOn();
		this.process.keySlots.giveUp(false);
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
	}

}
