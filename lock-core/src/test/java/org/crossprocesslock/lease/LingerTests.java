package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A key that stays with its process while nobody has a guard: rule 12. */
class LingerTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	// no multiple of the heartbeat, which wakes the process as well
	private static final Duration LINGER = Duration.ofMillis(2300);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running(TickedWorld.OPTIONS.withLinger(LINGER), "a").listens();

	@Test
	void theNextRequestCostsNoStatementAndHasTheNextToken() {
		Holding hold = this.process.takes("key");
		for (int i = 1; i <= 3; i++) {
			this.process.closes(hold);
			long before = hold.token();
			hold = granted(this.process.asks("key", WAIT));
			assertThat(hold.token()).isEqualTo(before + 1);
			assertThat(this.process.holds(hold)).isTrue();
		}
		assertThat(this.process.keyStatements()).isEqualTo(1);
	}

	@Test
	void soDoesARequestThatDoesNotWait() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		assertThat(granted(this.process.asks("key", Duration.ZERO)).token()).isEqualTo(hold.token() + 1);
		assertThat(this.process.keyStatements()).isEqualTo(1);
	}

	@Test
	void theCloserWaitsForNothing() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		assertThat(this.process.said(Effect.Released.class)).extracting(Effect.Released::hold).containsExactly(hold);
		assertThat(this.process.isQuiet()).isTrue();
	}

	@Test
	void aKeyThatNobodyTakesIsReleasedWhenItsTimeIsOver() {
		this.process.closes(this.process.takes("key"));
		this.world.run(LINGER.minus(MILLI));
		assertThat(this.process.keyStatements()).isEqualTo(1);
		this.world.run(MILLI);
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(1);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void theTimeCountsFromTheFirstCloseHoweverOftenTheKeyIsTaken() {
		useUntilTheEnd();
		Holding last = granted(this.process.asks("key", WAIT));
		this.world.run(MILLI);
		assertThat(this.process.holds(last)).as("who has the key keeps it").isTrue();
		assertThat(this.process.keyStatements()).isEqualTo(1);
		this.process.closes(last);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void itDoesNotCountWhileTheFirstGuardIsOpen() {
		Holding hold = this.process.takes("key");
		this.world.run(LINGER.multipliedBy(2));
		this.process.closes(hold);
		this.world.run(LINGER.minus(MILLI));
		assertThat(granted(this.process.asks("key", WAIT)).token()).isEqualTo(hold.token() + 1);
	}

	@Test
	void whileItLastsTheKeyIsHandedOnToo() {
		useUntilTheEnd();
		Holding hold = granted(this.process.asks("key", WAIT));
		Waiter inTime = this.process.asks("key", WAIT);
		Waiter late = this.process.asks("key", WAIT);
		this.process.closes(hold);
		Holding handedOver = granted(inTime);
		this.world.run(MILLI);
		this.process.closes(handedOver);
		assertThat(this.process.endOf(late)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void aShortOneLeavesTheOtherHandOffsAsTheyAre() {
		TickedProcess brief = this.world.running(TickedWorld.OPTIONS.withLinger(MILLI), "b").listens();
		brief.closes(brief.takes("key"));
		Holding hold = brief.holdOf(brief.asks("key", WAIT));
		Waiter waiter = brief.asks("key", WAIT);
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS).minus(MILLI));
		brief.closes(hold);
		assertThat(brief.holdOf(waiter).token()).isEqualTo(hold.token() + 1);
	}

	@Test
	void afterwardsTheKeyIsReleasedAtEveryCloseForAWhile() {
		this.process.closes(this.process.takes("key"));
		this.world.run(LINGER);
		Duration forOthers = TickedWorld.OPTIONS.maxBackoff().multipliedBy(2);
		this.process.closes(this.process.takes("key"));
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.run(forOthers.minus(MILLI));
		this.process.closes(this.process.takes("key"));
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.run(MILLI);
		this.process.closes(this.process.takes("key"));
		assertThat(this.process.isQuiet()).isTrue();
	}

	@Test
	void theWhileIsShorterIfOthersCannotHaveSeenTheKeyStandStillForLong() {
		Duration linger = Duration.ofMillis(100);
		TickedProcess brief = this.world.running(TickedWorld.OPTIONS.withLinger(linger), "b").listens();
		brief.closes(brief.takes("key"));
		this.world.run(linger.multipliedBy(5).minus(MILLI));
		brief.closes(brief.takes("key"));
		assertThat(brief.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.run(MILLI);
		brief.closes(brief.takes("key"));
		assertThat(brief.isQuiet()).isTrue();
	}

	@Test
	void aLateTimerDoesNotProlongIt() {
		this.process.closes(this.process.takes("key"));
		this.world.pass(LINGER.multipliedBy(2));
		Waiter waiter = this.process.asks("key", WAIT);
		assertThat(this.process.endOf(waiter)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void sharedGuardsTakeAndLeaveItTogether() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		Holding first = granted(this.process.asksToShare("key", Duration.ZERO));
		Holding second = granted(this.process.asksToShare("key", Duration.ZERO));
		assertThat(List.of(first.token(), second.token())).containsOnly(hold.token() + 1);
		this.process.closes(first);
		Waiter exclusive = this.process.asks("key", Duration.ZERO);
		assertThat(this.process.endOf(exclusive)).isInstanceOf(Effect.Busy.class);
		this.process.closes(second);
		assertThat(granted(this.process.asksToShare("key", WAIT)).token())
			.as("a number that is not that of closed guards")
			.isEqualTo(hold.token() + 2);
		assertThat(this.process.keyStatements()).isEqualTo(1);
	}

	@Test
	void aGrantWithoutTokensLeftDoesNotLinger() {
		Holding hold = this.process.takes("key");
		long token = hold.token();
		for (int i = 1; i < LeaseStore.TOKENS_PER_GRANT; i++) {
			this.process.closes(hold);
			hold = granted(this.process.asks("key", WAIT));
		}
		assertThat(hold.token()).isEqualTo(token + LeaseStore.TOKENS_PER_GRANT - 1);
		this.process.closes(hold);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void aGrantThatNobodyWaitedForAnyMoreDoesNotLinger() {
		Waiter waiter = this.process.asks("key", WAIT);
		Answer granted = this.process.keySlots.run();
		this.process.givesUp(waiter);
		this.process.keySlots.answer(granted);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void aKeyInCommitLingersOnceTheCommitIsKnownToBeThrough() {
		Holding hold = this.process.takes("key");
		this.process.beginsCommit(hold);
		this.process.closes(hold);
		Waiter early = this.process.asks("key", Duration.ZERO);
		assertThat(this.process.endOf(early)).isInstanceOf(Effect.Busy.class);
		this.process.endsCommit(hold, true);
		assertThat(granted(this.process.asks("key", Duration.ZERO)).token()).isEqualTo(hold.token() + 1);
	}

	@Test
	void afterAnUnknownOutcomeTheKeyDoesNotLinger() {
		Holding hold = this.process.takes("key");
		this.process.beginsCommit(hold);
		this.process.closes(hold);
		this.process.endsCommit(hold, false);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void itsUserSeesACleanKey() {
		this.process.closes(this.process.takes("key"));
		Holding hold = granted(this.process.asks("key", WAIT));
		assertThat(this.process.isDirty(hold)).isFalse();
	}

	private Holding granted(Waiter waiter) {
		return this.process.holdOf(waiter);
	}

	/** Takes and closes the key until a millisecond is left. */
	private void useUntilTheEnd() {
		this.process.closes(this.process.takes("key"));
		for (int i = 1; i < LINGER.toMillis() / 100; i++) {
			this.world.run(Duration.ofMillis(100));
			this.process.closes(granted(this.process.asks("key", WAIT)));
		}
		this.world.run(Duration.ofMillis(99));
	}

}
