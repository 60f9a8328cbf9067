package org.crossprocesslock.lease;

import java.time.Duration;

import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A store that never answers: nobody waits for it for longer than is said. */
class AnswerTimeTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	/** The store's own limit, and a fifth. */
	private static final Duration ANSWER_TIME = TickedWorld.ANSWER_LIMIT.multipliedBy(6).dividedBy(5);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void anAttemptThatIsNeverAnsweredHasFailed() {
		this.process.keySlots.hangs = true;
		Waiter waiter = this.process.asks("key", Duration.ZERO);
		this.world.run(ANSWER_TIME.minus(MILLI));
		assertThat(this.process.endOf(waiter)).isNull();
		this.world.run(MILLI);
		assertThat(this.process.endOf(waiter)).isInstanceOf(Effect.Failed.class);
	}

	@Test
	void aWaitEndsSoonAfterItsTimeThoughNothingIsAnswered() {
		this.process.keySlots.hangs = true;
		this.process.asks("other", WAIT);
		Waiter waiter = this.process.asks("key", MILLI);
		this.world.run(ANSWER_TIME.plus(MILLI));
		assertThat(this.process.endOf(waiter)).isInstanceOf(Effect.Failed.class);
	}

	@Test
	void theNextStatementDoesNotWaitForOneThatIsNeverAnswered() {
		this.process.keySlots.hangs = true;
		Waiter waiter = this.process.asks("key", WAIT);
		Command lost = this.process.keySlots.pending();
		this.world.run(ANSWER_TIME);
		assertThat(this.process.said(Effect.Dropped.class)).extracting((dropped) -> dropped.call().command())
			.containsExactly(lost);
		this.process.keySlots.hangs = false;
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.holds(this.process.holdOf(waiter))).isTrue();
	}

	@Test
	void anAnswerThatComesAfterwardsIsIgnored() {
		this.process.keySlots.hangs = true;
		Waiter waiter = this.process.asks("key", WAIT);
		Command late = this.process.keySlots.pending();
		Answer granted = late.runOn(this.world.store);
		this.world.run(ANSWER_TIME);
		this.process.keySlots.answer(late, granted);
		assertThat(this.process.endOf(waiter)).isNull();
		this.process.keySlots.hangs = false;
		this.world.run(TickedWorld.HEARTBEAT);
		Holding hold = this.process.holdOf(waiter);
		assertThat(this.world.store.carries("key", hold.grant().term.id(), hold.grant().token)).isTrue();
	}

	@Test
	void aCloseEndsThoughItsReleaseIsNeverAnswered() {
		Holding hold = this.process.takes("key");
		this.process.releaseSlot.hangs = true;
		this.process.closes(hold);
		this.world.run(ANSWER_TIME);
		assertThat(this.process.said(Effect.Released.class)).hasSize(1);
	}

	@Test
	void aCloseEndsThoughItsReleaseWaitsForOneThatIsNeverAnswered() {
		Holding first = this.process.takes("first");
		Holding second = this.process.takes("second");
		this.process.releaseSlot.hangs = true;
		this.process.closes(first);
		this.world.run(ANSWER_TIME.dividedBy(2));
		this.process.closes(second);
		this.world.run(ANSWER_TIME);
		assertThat(this.process.said(Effect.Released.class)).extracting(Effect.Released::hold)
			.containsExactly(first, second);
	}

	@Test
	void aRenewalThatIsNeverAnsweredIsRepeatedInTime() {
		Holding hold = this.process.takes("key");
		this.process.leaseSlot.hangs = true;
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.leaseSlot.pending()).isInstanceOf(Command.Renew.class);
		this.process.leaseSlot.hangs = false;
		this.world.run(ANSWER_TIME);
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.holds(hold)).isTrue();
	}

	@Test
	void anOpeningThatIsNeverAnsweredIsReplaced() {
		TickedProcess starting = this.world.process(TickedWorld.OPTIONS, "b");
		starting.leaseSlot.hangs = true;
		Waiter waiter = starting.asks("key", WAIT);
		this.world.run(ANSWER_TIME.dividedBy(2));
		assertThat(starting.leaseSlot.pending()).isInstanceOf(Command.Open.class);
		this.world.run(ANSWER_TIME);
		starting.leaseSlot.hangs = false;
		this.world.run(TickedWorld.HEARTBEAT.plus(ANSWER_TIME));
		assertThat(starting.holds(starting.holdOf(waiter))).isTrue();
	}

	@Test
	void aStopEndsThoughNothingIsAnswered() {
		this.process.takes("key");
		this.process.leaseSlot.hangs = true;
		this.process.keySlots.hangs = true;
		this.process.releaseSlot.hangs = true;
		this.process.asks("other", WAIT);
		this.process.stops();
		this.world.run(ANSWER_TIME.multipliedBy(2));
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
	}

	@Test
	void aFailureThatIsNeverAnsweredIsOneThatPasses() {
		this.process.keySlots.hangs = true;
		Waiter waiter = this.process.asks("key", Duration.ZERO);
		this.world.run(ANSWER_TIME);
		assertThat(this.process.endOf(waiter)).isInstanceOfSatisfying(Effect.Failed.class,
				(failed) -> assertThat(failed.failure().isPermanent()).isFalse());
	}

}
