package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.lease.Notice.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What ends the lingering of a key: others, loss and stop. */
class LingerEndTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	private static final Duration LINGER = Duration.ofMillis(4700);

	private static final Duration LONGEST_PAUSE = TickedWorld.OPTIONS.maxBackoff();

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running(TickedWorld.OPTIONS.withLinger(LINGER), "a").listens();

	private final TickedProcess other = this.world.running("b").listens();

	private final List<Notice> told = new ArrayList<>();

	@BeforeEach
	void keepWhatIsTold() {
		this.world.store.notices = this.told::add;
	}

	@Test
	void whoeverWantsALingeringKeyHasItAtOnce() {
		this.process.closes(this.process.takes("key"));
		Waiter waiter = waits();
		deliver();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(1);
		deliver();
		assertThat(this.other.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void aKeyThatIsWantedDoesNotLinger() {
		Holding hold = this.process.takes("key");
		Waiter waiter = waits();
		deliver();
		this.world.run(LONGEST_PAUSE);
		this.process.closes(hold);
		this.process.settle();
		deliver();
		this.other.closes(this.other.holdOf(waiter));
		this.world.run(Line.TURN);
		this.process.closes(this.process.takes("key"));
		assertThat(this.process.isQuiet()).as("it lingers when it is not wanted any more").isTrue();
	}

	@Test
	void aKeyThatIsWantedIsHandedOnNoLongerThanWithoutLinger() {
		this.process.closes(this.process.takes("key"));
		Holding hold = this.process.holdOf(this.process.asks("key", WAIT));
		Waiter own = this.process.asks("key", WAIT);
		Waiter another = this.process.asks("key", WAIT);
		waits();
		deliver();
		this.world.run(Duration.ofNanos(Grant.WANTED_HAND_OFF_NANOS).minus(MILLI));
		this.process.closes(hold);
		Holding handedOver = this.process.holdOf(own);
		this.world.run(MILLI);
		this.process.closes(handedOver);
		assertThat(this.process.endOf(another)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void aNoticeThatNobodyElseWantsItEndsNothing() {
		this.process.closes(this.process.takes("key"));
		String self = this.process.leaseId();
		this.process.hears(new Notice(self, this.other.leaseId(), Kind.FREE, "key", List.of(self)));
		assertThat(this.process.isQuiet()).isTrue();
		assertThat(this.process.endOf(this.process.asks("key", Duration.ZERO))).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void whoeverCannotTellGetsAnIdleKeyWhenItsTimeIsOver() {
		TickedProcess deaf = this.world.running("deaf");
		this.process.closes(this.process.takes("key"));
		Waiter waiter = deaf.asks("key", WAIT);
		this.world.run(LINGER.minus(MILLI));
		assertThat(deaf.endOf(waiter)).isNull();
		this.world.run(LONGEST_PAUSE.plus(MILLI));
		assertThat(deaf.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@ParameterizedTest(name = "linger {0} ms, {1} ms with the key and {2} ms without")
	@CsvSource({ "1,3,2", "20,3,2", "100,3,2", "100,9,1", "1000,3,2", "1000,1,1", "1000,40,10", "10000,3,2",
			"10000,40,10" })
	void whoeverCannotTellGetsABusyKeyInBoundedTime(int linger, int with, int without) {
		TickedProcess busy = this.world.running(TickedWorld.OPTIONS.withLinger(Duration.ofMillis(linger)), "busy")
			.listens();
		TickedProcess deaf = this.world.running("deaf");
		// a window, and one chance after it: enough looks that one of them finds it free
		Duration most = Duration.ofMillis(linger + with).plus(LONGEST_PAUSE.multipliedBy(3));
		for (int i = 0; i < 20; i++) {
			Waiter waiter = deaf.asks("key", Duration.ofDays(1));
			long waited = 0;
			while (deaf.endOf(waiter) == null) {
				assertThat(Duration.ofMillis(waited)).isLessThanOrEqualTo(most);
				Waiter again = busy.asks("key", Duration.ofDays(1));
				this.world.run(Duration.ofMillis(with));
				busy.closes(busy.holdOf(again));
				this.world.run(Duration.ofMillis(without));
				waited += with + without;
			}
			deaf.closes(deaf.holdOf(waiter));
			// the next wait begins at another moment of the window
			this.world.run(Duration.ofMillis(7L * i));
		}
	}

	@Test
	void whatLingersIsLostWithTheLeaseAndNobodyIsTold() {
		Holding hold = this.process.takes("key");
		this.process.leaseSlot.hangs = true;
		this.world.run(TickedWorld.LOCAL_DEADLINE.minusMillis(10));
		this.process.closes(hold);
		this.process.leaseSlot.hangs = false;
		this.process.leaseSlot.answersAreLost = true;
		this.world.pass(Duration.ofMillis(10));
		Waiter waiter = this.process.asks("key", WAIT);
		assertThat(this.process.endOf(waiter)).isNull();
		assertThat(this.process.said(Effect.Lost.class)).isEmpty();
		assertThat(this.process.said(Effect.LeaseLost.class)).singleElement()
			.satisfies((lost) -> assertThat(lost.guards()).isEmpty());
		this.process.leaseSlot.answersAreLost = false;
		this.world.run(LONGEST_PAUSE);
		Holding again = this.process.holdOf(waiter);
		assertThat(again.grant()).isNotSameAs(hold.grant());
		assertThat(this.process.isDirty(again)).as("its own lease stands in the row").isFalse();
	}

	@Test
	void theEndOfALostOneDoesNotEndTheNextGrant() {
		this.process.closes(this.process.takes("key"));
		this.process.leaseSlot.hangs = true;
		this.world.run(Duration.ofMillis(1));
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.leaseSlot.hangs = false;
		this.process.settle();
		Holding next = this.process.takes("key");
		this.world.run(LINGER.multipliedBy(2));
		assertThat(this.process.holds(next)).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).isEmpty();
	}

	@Test
	void theEndOfOneThatWasReleasedBeforeDoesNotEndTheNextGrant() {
		this.process.closes(this.process.takes("key"));
		Holding hold = this.process.holdOf(this.process.asks("key", WAIT));
		Waiter waiter = waits();
		deliver();
		this.process.closes(hold);
		this.process.settle();
		deliver();
		this.other.closes(this.other.holdOf(waiter));
		this.world.run(Line.TURN);
		Holding next = this.process.takes("key");
		int releases = this.process.releaseSlot.sent(Command.Release.class).size();
		this.world.run(LINGER.multipliedBy(2));
		assertThat(this.process.holds(next)).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(releases);
	}

	@Test
	void aLookDoesNotTakeALingeringKeyForALeftOver() {
		Holding hold = this.process.takes("key");
		waits();
		deliver();
		this.process.releaseSlot.answersAreLost = true;
		this.process.closes(hold);
		this.process.settle();
		this.process.releaseSlot.answersAreLost = false;
		this.world.kill(this.other);
		this.world.run(Line.TURN);
		// in doubt, since the answer to the release was lost
		Holding next = this.process.takes("key");
		int looks = this.process.keySlots.sent(Command.Look.class).size();
		this.process.closes(next);
		this.world.run(LINGER.minus(MILLI));
		assertThat(this.process.keySlots.sent(Command.Look.class).size()).isGreaterThan(looks);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		assertThat(this.process.holdOf(this.process.asks("key", Duration.ZERO)).token()).isEqualTo(next.token() + 1);
	}

	@Test
	void aKeyFoundTakenDoesNotLingerAnyMore() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		this.process.findsTaken(hold);
		Waiter waiter = this.process.asks("key", WAIT);
		assertThat(this.process.endOf(waiter)).isNull();
		this.process.settle();
		this.world.run(LONGEST_PAUSE);
		assertThat(this.process.holdOf(waiter).grant()).isNotSameAs(hold.grant());
	}

	@Test
	void aStopReleasesWhatLingers() {
		this.process.closes(this.process.takes("one"));
		this.process.closes(this.process.takes("two"));
		Holding held = this.process.takes("held");
		this.process.stops();
		this.process.settle();
		assertThat(this.world.store.leaseIdOf("one")).isNull();
		assertThat(this.world.store.leaseIdOf("two")).isNull();
		assertThat(this.process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).containsExactly(held);
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
	}

	@Test
	void aReleaseThatFailsIsRepeatedLikeAnyOther() {
		this.process.closes(this.process.takes("key"));
		this.world.run(LINGER.minus(MILLI));
		this.process.releaseSlot.hangs = true;
		this.world.run(MILLI);
		this.process.releaseSlot.giveUp(false);
		this.process.releaseSlot.hangs = false;
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(2));
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	private Waiter waits() {
		Waiter waiter = this.other.asks("key", WAIT);
		this.other.settle();
		return waiter;
	}

	/** Both hear what was told so far. */
	private void deliver() {
		List<Notice> notices = List.copyOf(this.told);
		this.told.clear();
		for (TickedProcess each : List.of(this.process, this.other)) {
			notices.forEach(each::hears);
			each.settle();
		}
	}

}
