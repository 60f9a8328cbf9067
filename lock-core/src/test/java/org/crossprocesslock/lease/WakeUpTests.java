package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.Notice.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What processes tell each other about keys: rule 13. */
class WakeUpTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	private static final Answer BETWEEN_TWO_HOLDERS = new Answer.Acquired(
			List.of(new Busy(new KeyLook("key", null, 0, null))));

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess holder = this.world.running("holder").listens();

	private final TickedProcess first = this.world.running("first").listens();

	private final TickedProcess second = this.world.running("second").listens();

	private final List<Notice> told = new ArrayList<>();

	@BeforeEach
	void keepWhatIsTold() {
		this.world.store.notices = this.told::add;
	}

	@Test
	void aWaiterTellsTheHolderOnceForEachGrant() {
		Holding hold = this.holder.takes("key");
		waits(this.first);
		this.world.run(Duration.ofMillis(500));
		assertThat(this.told).containsExactly(wanted(this.first, this.first));
		this.told.clear();
		this.holder.closes(hold);
		this.holder.settle();
		this.holder.takes("key");
		this.world.run(Duration.ofMillis(2500));
		assertThat(this.told).containsExactly(wanted(this.first, this.first));
	}

	@Test
	void aWaiterTellsTheHolderAgainAfterAWhile() {
		this.holder.takes("key");
		waits(this.first);
		this.world.run(Pauses.TELL_AGAIN.minus(MILLI));
		assertThat(this.told).containsExactly(wanted(this.first, this.first));
		this.world.run(LeaseOptions.DEFAULT_MAX_BACKOFF.plus(MILLI));
		assertThat(this.told).hasSize(2).containsOnly(wanted(this.first, this.first));
		this.told.clear();
		this.world.run(Pauses.TELL_AGAIN.multipliedBy(3));
		assertThat(this.told).as("no more often").hasSizeBetween(2, 3);
	}

	/** All who listen are woken by each notification. */
	@Test
	void manyWaitersTellTheHolderAgainAtABoundedRate() {
		this.holder.takes("key");
		for (int i = 0; i < 60; i++) {
			waits(this.world.running("waiter-" + i).listens());
		}
		this.world.run(Pauses.TELL_AGAIN);
		this.told.clear();
		this.world.run(Duration.ofSeconds(20));
		assertThat(this.told).as("five in a second at most").hasSizeBetween(20, 110);
	}

	@Test
	void whoeverDoesNotListenTellsNothing() {
		TickedProcess deaf = this.world.running("deaf");
		this.world.run(TickedWorld.HEARTBEAT);
		this.holder.takes("key");
		waits(deaf);
		this.world.run(WAIT.dividedBy(2));
		assertThat(this.told).isEmpty();
	}

	@Test
	void aTryThatDoesNotWaitTellsNothing() {
		this.holder.takes("key");
		this.first.asks("key", Duration.ZERO);
		this.first.settle();
		assertThat(this.told).isEmpty();
	}

	@Test
	void aReleaseThatNobodyWaitsForTellsNothing() {
		this.holder.closes(this.holder.takes("key"));
		this.holder.settle();
		assertThat(this.told).isEmpty();
	}

	@Test
	void aReleaseTellsWhoHasWaitedLongestAndTheLineGoesAlong() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		Waiter next = waits(this.second);
		deliver();
		Waiter own = this.holder.asks("key", WAIT);
		this.world.pass(Duration.ofNanos(Grant.WANTED_HAND_OFF_NANOS));
		this.holder.closes(hold);
		this.holder.settle();
		assertThat(this.told)
			.containsExactly(free(this.holder, this.first, this.second.leaseId(), this.holder.leaseId()));
		int looks = this.first.keySlots.sent(Command.Look.class).size();
		deliver();
		Holding granted = this.first.holdOf(waiter);
		assertThat(this.first.keySlots.sent(Command.Look.class)).as("it asks without a look").hasSize(looks);
		this.first.closes(granted);
		this.first.settle();
		deliver();
		this.second.closes(this.second.holdOf(next));
		this.second.settle();
		deliver();
		assertThat(this.holder.holdOf(own).token()).isGreaterThan(granted.token());
	}

	@Test
	void aWantThatComesAfterTheReleaseIsAnsweredAtOnce() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		this.holder.closes(hold);
		this.holder.settle();
		deliver();
		assertThat(this.told).containsExactly(free(this.holder, this.first));
		deliver();
		assertThat(this.first.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void aWantThatComesDuringTheReleaseIsAnsweredWhenItIsDone() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		this.holder.closes(hold);
		Command.Answer released = this.holder.releaseSlot.run();
		List<Notice> notices = List.copyOf(this.told);
		this.told.clear();
		notices.forEach(this.holder::hears);
		assertThat(this.told).isEmpty();
		this.holder.releaseSlot.answer(released);
		this.holder.settle();
		deliver();
		assertThat(this.first.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void whoeverIsToldButDoesNotWaitAnyMorePassesItOn() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		Waiter next = waits(this.second);
		deliver();
		this.first.givesUp(waiter);
		this.holder.closes(hold);
		this.holder.settle();
		deliver();
		assertThat(this.told).containsExactly(free(this.first, this.second));
		deliver();
		assertThat(this.second.endOf(next)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void whoeverGivesUpWhileItAsksPassesTheLineOnWithTheKey() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		Waiter next = waits(this.second);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		List<Notice> notices = List.copyOf(this.told);
		this.told.clear();
		notices.forEach(this.first::hears);
		this.first.givesUp(waiter);
		this.first.settle();
		deliver();
		assertThat(this.second.endOf(next)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void aCallThatComesWhileTheKeyIsAskedForIsFollowedAfterTheAnswer() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = this.first.asks("key", WAIT);
		this.holder.closes(hold);
		this.holder.settle();
		this.first.hears(free(this.holder, this.first));
		this.first.keySlots.answer(BETWEEN_TWO_HOLDERS);
		this.first.settle();
		assertThat(this.first.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void whoeverWasCalledBeforeAsksAgainSoonWhereNobodyKnowsThatItWaits() {
		Holding hold = this.holder.takes("key");
		Waiter called = waits(this.first);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		deliver();
		this.first.closes(this.first.holdOf(called));
		this.first.settle();
		Waiter again = this.first.asks("key", WAIT);
		this.first.keySlots.answer(BETWEEN_TWO_HOLDERS);
		this.world.run(Duration.ofMillis(50));
		assertThat(this.first.endOf(again)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void aWantThatComesDuringTheReleaseGoesOnToTheOneThatWasCalled() {
		Holding hold = this.holder.takes("key");
		waits(this.second);
		deliver();
		this.holder.closes(hold);
		this.holder.asks("key", WAIT);
		this.holder.hears(wanted(this.first, this.first));
		this.holder.settle();
		String called = this.second.leaseId();
		assertThat(this.told).containsExactlyInAnyOrder(free(this.holder, this.second),
				new Notice(called, this.holder.leaseId(), Kind.WANTED, "key", List.of(this.holder.leaseId())),
				new Notice(called, this.holder.leaseId(), Kind.WANTED, "key", List.of(this.first.leaseId())));
	}

	@Test
	void aWantThatComesWhenTheTurnOfTheOtherIsOverIsACall() {
		Holding hold = this.holder.takes("key");
		waits(this.second);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		this.told.clear();
		this.world.run(Line.TURN);
		this.holder.hears(wanted(this.first, this.first));
		this.holder.settle();
		assertThat(this.told).containsExactly(free(this.holder, this.first));
	}

	@Test
	void whoeverIsCalledAsksAgainSoonWhileTheKeyIsBetweenTwoHolders() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		List<Notice> notices = List.copyOf(this.told);
		this.told.clear();
		notices.forEach(this.first::hears);
		this.first.hears(new Notice(this.first.leaseId(), this.second.leaseId(), Kind.WANTED, "key",
				List.of(this.second.leaseId())));
		this.first.keySlots.answer(BETWEEN_TWO_HOLDERS);
		this.first.settle();
		assertThat(this.told).as("it keeps the line").isEmpty();
		this.world.run(LeaseOptions.DEFAULT_INITIAL_BACKOFF);
		assertThat(this.first.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void whoeverStandsInTheLineLeavesTheKeyAloneForLongerThanItsTurnWasInComing() {
		// as long as there are others who may have their turns before
		for (int i = 0; i < 50; i++) {
			this.world.running("other" + i);
		}
		this.world.run(TickedWorld.HEARTBEAT);
		standsForSeconds(2);
		Holding held = this.holder.takes("key");
		waits(this.first);
		int asked = this.first.keySlots.sent(Command.Acquire.class).size();
		this.world.run(Duration.ofSeconds(4));
		assertThat(this.first.keySlots.sent(Command.Acquire.class)).hasSize(asked);
		this.world.run(Duration.ofSeconds(4).plus(MILLI));
		assertThat(this.first.keySlots.sent(Command.Acquire.class)).hasSize(asked + 1);
		assertThat(this.holder.holds(held)).isTrue();
	}

	@Test
	void whoeverDoesNotHearAnyMoreLooksAgain() {
		standsForSeconds(0);
		this.holder.takes("key");
		waits(this.first);
		int asked = this.first.keySlots.sent(Command.Acquire.class).size();
		this.first.isDeaf();
		this.world.run(Duration.ofMillis(100));
		assertThat(this.first.keySlots.sent(Command.Acquire.class)).hasSizeGreaterThan(asked);
	}

	@Test
	void aCallToWhoeverHasTheKeyIsNone() {
		Holding hold = this.holder.takes("key");
		waits(this.first);
		deliver();
		this.holder.hears(free(this.first, this.holder, this.second.leaseId()));
		this.holder.closes(hold);
		this.holder.settle();
		assertThat(this.told).containsExactly(free(this.holder, this.first, this.second.leaseId()));
		Waiter again = waits(this.holder);
		assertThat(this.holder.endOf(again)).isNull();
	}

	/** The first process stands in the line for so long, is called and has its turn. */
	private void standsForSeconds(int seconds) {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		deliver();
		this.world.run(Duration.ofSeconds(seconds));
		this.holder.closes(hold);
		this.holder.settle();
		deliver();
		this.first.closes(this.first.holdOf(waiter));
		this.first.settle();
		this.told.clear();
		this.world.run(Line.TURN);
	}

	@Test
	void theLineGoesAlongToWhoeverWasFaster() {
		Holding hold = this.holder.takes("key");
		waits(this.first);
		waits(this.second);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		TickedProcess faster = this.world.running("faster");
		faster.takes("key");
		deliver();
		assertThat(this.told).containsExactly(
				new Notice(faster.leaseId(), this.first.leaseId(), Kind.WANTED, "key", List.of(this.first.leaseId())),
				new Notice(faster.leaseId(), this.first.leaseId(), Kind.WANTED, "key", List.of(this.second.leaseId())));
	}

	@Test
	void handOffsEndSoonerForOthersThanForNobody() {
		Holding hold = this.holder.takes("key");
		Waiter own = this.holder.asks("key", WAIT);
		Waiter waiter = waits(this.first);
		deliver();
		this.world.run(Duration.ofNanos(Grant.WANTED_HAND_OFF_NANOS).minus(MILLI));
		this.holder.closes(hold);
		Holding handedOver = this.holder.holdOf(own);
		Waiter another = this.holder.asks("key", WAIT);
		this.world.run(MILLI);
		this.holder.closes(handedOver);
		this.holder.settle();
		assertThat(this.holder.endOf(another)).isNull();
		deliver();
		assertThat(this.first.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void aRequestRightAfterGivingWayWaitsForItsTurn() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		int asked = this.holder.keySlots.sent(Command.Acquire.class).size();
		Waiter again = waits(this.holder);
		assertThat(this.holder.keySlots.sent(Command.Acquire.class)).hasSize(asked);
		theHolderFollows(waiter, again);
	}

	private void theHolderFollows(Waiter waiter, Waiter again) {
		deliver();
		this.first.closes(this.first.holdOf(waiter));
		this.first.settle();
		deliver();
		assertThat(this.holder.endOf(again)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void whoeverComesBackAgainAndAgainIsInTheLineFromItsRelease() {
		Holding hold = comesBackOften();
		Waiter waiter = waits(this.first);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		Waiter again = waits(this.holder);
		assertThat(this.told).containsExactly(free(this.holder, this.first, this.holder.leaseId()));
		theHolderFollows(waiter, again);
	}

	@Test
	void whoeverIsCalledBeforeItHasComeBackCallsTheNext() {
		Holding hold = comesBackOften();
		Waiter waiter = waits(this.first);
		deliver();
		this.holder.closes(hold);
		this.holder.settle();
		deliver();
		Waiter late = waits(this.second);
		deliver();
		this.first.closes(this.first.holdOf(waiter));
		this.first.settle();
		assertThat(this.told)
			.containsExactly(free(this.first, this.holder, this.second.leaseId(), this.first.leaseId()));
		deliver();
		assertThat(this.told).containsExactly(free(this.holder, this.second, this.first.leaseId()));
		deliver();
		assertThat(this.second.endOf(late)).isInstanceOf(Effect.Granted.class);
	}

	/**
	 * The holder wants the key again in the turn of the first process, time after time.
	 */
	private Holding comesBackOften() {
		Holding hold = this.holder.takes("key");
		for (int i = 0; i < Line.OFTEN; i++) {
			Waiter waiter = waits(this.first);
			deliver();
			this.holder.closes(hold);
			this.holder.settle();
			Waiter again = waits(this.holder);
			deliver();
			this.first.closes(this.first.holdOf(waiter));
			this.first.settle();
			deliver();
			hold = this.holder.holdOf(again);
		}
		return hold;
	}

	@Test
	void whateverIsLostIsFoundByLooking() {
		Holding hold = this.holder.takes("key");
		Waiter waiter = waits(this.first);
		this.holder.closes(hold);
		this.world.run(LeaseOptions.DEFAULT_MAX_BACKOFF.plus(MILLI));
		assertThat(this.first.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void aNoticeToAFormerLeaseMeansNothing() {
		this.holder.takes("key");
		Notice notice = wanted(this.first, this.first);
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.holder.timePasses();
		this.holder.settle();
		this.holder.hears(notice);
		this.holder.settle();
		assertThat(this.told).isEmpty();
	}

	private Waiter waits(TickedProcess process) {
		Waiter waiter = process.asks("key", WAIT);
		process.settle();
		return waiter;
	}

	/** Everybody hears what was told so far. */
	private void deliver() {
		List<Notice> notices = List.copyOf(this.told);
		this.told.clear();
		for (TickedProcess process : List.of(this.holder, this.first, this.second)) {
			notices.forEach(process::hears);
			process.settle();
		}
	}

	private Notice wanted(TickedProcess from, TickedProcess waiting) {
		String to = this.holder.leaseId();
		return new Notice(to, from.leaseId(), Kind.WANTED, "key", List.of(waiting.leaseId()));
	}

	private Notice free(TickedProcess from, TickedProcess to, String... others) {
		return new Notice(to.leaseId(), from.leaseId(), Kind.FREE, "key", List.of(others));
	}

}
