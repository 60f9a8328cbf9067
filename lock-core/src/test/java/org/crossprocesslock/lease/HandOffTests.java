package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Guards that follow one another inside a process: rule 12 and shared mode. */
class HandOffTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void aHandOffCostsNoStatementAndGoesInTheOrderOfArrival() {
		Holding hold = this.process.takes("key");
		List<Waiter> waiters = List.of(this.process.asks("key", WAIT), this.process.asks("key", WAIT),
				this.process.asks("key", WAIT));
		long token = hold.token();
		for (Waiter waiter : waiters) {
			this.process.closes(hold);
			hold = this.process.holdOf(waiter);
			assertThat(hold.token()).isEqualTo(++token);
			assertThat(this.process.holds(hold)).isTrue();
		}
		assertThat(this.process.keyStatements()).isEqualTo(1);
		this.process.closes(hold);
		assertThat(this.process.releaseSlot.pending()).as("the row knows the token of the grant only")
			.isEqualTo(new Command.Release(
					List.of(new LeaseStore.ReleaseOrder("key", this.process.leaseId(), hold.grant().token)),
					List.of()));
	}

	@Test
	void handOffsEndAfterAWhileAndLeaveOthersAGap() {
		TickedProcess other = this.world.running("b");
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS));
		this.process.closes(hold);
		this.process.settle();
		assertThat(this.process.endOf(waiter)).isNull();
		Waiter first = other.asks("key", Duration.ZERO);
		other.settle();
		other.closes(other.holdOf(first));
		this.world.run(Duration.ofMillis(100));
		assertThat(this.process.holdOf(waiter).token()).isGreaterThan(other.holdOf(first).token());
	}

	/** Or its threads would leave a key unused for longer than they use it. */
	@Test
	void gapIsNoLongerThanHandOffsHoweverManyProcessesThereAre() {
		for (int index = 0; index < 99; index++) {
			this.world.running("other " + index);
		}
		this.world.run(Duration.ofSeconds(2));
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS));
		this.process.closes(hold);
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS).plusMillis(10));
		assertThat(this.process.holds(this.process.holdOf(waiter))).isTrue();
	}

	@Test
	void whoSharesIsLetInWhenTheOneBeforeItHasNoTimeLeft() {
		Waiter first = this.process.asksToShare("key", WAIT);
		this.process.settle();
		Waiter exclusive = this.process.asks("key", MILLI);
		Waiter shared = this.process.asksToShare("key", WAIT);
		assertThat(this.process.endOf(shared)).isNull();
		this.world.pass(MILLI);
		this.process.timePasses();
		assertThat(this.process.endOf(exclusive)).isEqualTo(new Effect.Busy(exclusive, "a"));
		assertThat(this.process.holdOf(shared).grant()).isSameAs(this.process.holdOf(first).grant());
	}

	@Test
	void whoClosesAGuardThatOthersShareNeedNotWait() {
		Waiter first = this.process.asksToShare("key", WAIT);
		this.process.settle();
		this.process.asksToShare("key", WAIT);
		Holding hold = this.process.holdOf(first);
		this.process.closes(hold);
		assertThat(this.process.said(Effect.Released.class)).containsExactly(new Effect.Released(hold));
		assertThat(this.process.releaseSlot.isIdle()).isTrue();
	}

	@Test
	void shortlyBeforeThatItIsStillHandedOff() {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS).minus(MILLI));
		this.process.closes(hold);
		assertThat(this.process.holdOf(waiter).token()).isEqualTo(hold.token() + 1);
	}

	@Test
	void aGrantIsHandedOffAsOftenAsItHasTokens() {
		Holding hold = this.process.takes("key");
		long token = hold.token();
		List<Waiter> waiters = new ArrayList<>();
		for (int i = 0; i < LeaseStore.TOKENS_PER_GRANT; i++) {
			waiters.add(this.process.asks("key", WAIT));
		}
		for (int i = 0; i < LeaseStore.TOKENS_PER_GRANT - 1; i++) {
			this.process.closes(hold);
			hold = this.process.holdOf(waiters.get(i));
		}
		assertThat(hold.token()).isEqualTo(token + LeaseStore.TOKENS_PER_GRANT - 1);
		this.process.closes(hold);
		Waiter last = waiters.get(waiters.size() - 1);
		assertThat(this.process.endOf(last)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.run(Duration.ofMillis(100));
		assertThat(this.process.holdOf(last).token()).isGreaterThanOrEqualTo(token + LeaseStore.TOKENS_PER_GRANT);
	}

	@Test
	void nothingIsHandedOffPastTheHighestToken() {
		Grant taken = this.process.takes("key").grant();
		Grant last = new Grant(taken.key, taken.term, Long.MAX_VALUE - 1, 0);
		assertThat(last.canBeHandedOff()).isTrue();
		last.handOff();
		assertThat(last.canBeHandedOff()).isFalse();
	}

	@Test
	void nothingIsHandedOffPastTheLocalDeadline() {
		this.process.leaseSlot.hangs = true;
		this.world.run(TickedWorld.LOCAL_DEADLINE.minusMillis(50));
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		this.world.pass(Duration.ofMillis(50));
		this.process.closes(hold);
		assertThat(this.process.endOf(waiter)).isNull();
		assertThat(this.process.said(Effect.Lost.class)).hasSize(1);
	}

	@Test
	void sharedGuardsShareTokenAndGrantUntilTheLastIsClosed() {
		List<Waiter> waiters = List.of(this.process.asksToShare("key", WAIT), this.process.asksToShare("key", WAIT));
		this.process.settle();
		Waiter joining = this.process.asksToShare("key", Duration.ZERO);
		Holding first = this.process.holdOf(waiters.get(0));
		Holding second = this.process.holdOf(waiters.get(1));
		Holding third = this.process.holdOf(joining);
		assertThat(List.of(second.token(), third.token())).containsOnly(first.token());
		this.process.closes(first);
		this.process.closes(third);
		assertThat(this.process.keyStatements()).isEqualTo(1);
		assertThat(this.process.holds(second)).isTrue();
		this.process.closes(second);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void sharedGuardsThatOverlapDoNotKeepTheKeyFromThoseWhoCannotSayThatTheyWait() {
		Holding shared = this.process.holdOf(settled(this.process.asksToShare("key", WAIT)));
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS));
		Waiter late = this.process.asksToShare("key", WAIT);
		assertThat(this.process.endOf(late)).isNull();
		this.process.closes(shared);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.run(Duration.ofSeconds(1));
		assertThat(this.process.holdOf(late).token()).isGreaterThan(shared.token());
	}

	@Test
	void sharedGuardsStopJoiningWhenSomebodyElseSaysThatItWaits() {
		this.process.listens();
		Holding shared = this.process.holdOf(settled(this.process.asksToShare("key", WAIT)));
		this.world.run(Duration.ofSeconds(10));
		Holding joined = this.process.holdOf(this.process.asksToShare("key", WAIT));
		assertThat(joined.token()).as("nobody waits").isEqualTo(shared.token());
		this.process.hears(new Notice(this.process.leaseId(), "other", Notice.Kind.WANTED, "key", List.of("other")));
		Waiter late = this.process.asksToShare("key", WAIT);
		assertThat(this.process.endOf(late)).isNull();
		this.process.closes(shared);
		this.process.closes(joined);
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void sharedGuardsThatOverlapEndAlsoIfANoticeWasLost() {
		this.process.listens();
		TickedProcess other = this.world.running("b").listens();
		Holding shared = this.process.holdOf(settled(this.process.asksToShare("key", WAIT)));
		Waiter waiter = other.asks("key", WAIT);
		// the notice of its first attempt goes to nobody
		other.settle();
		List<Notice> told = new ArrayList<>();
		this.world.store.notices = told::add;
		boolean joined = true;
		for (int i = 0; i < 400 && joined; i++) {
			this.world.run(Duration.ofMillis(50));
			told.forEach(this.process::hears);
			Waiter next = this.process.asksToShare("key", WAIT);
			joined = this.process.endOf(next) != null;
			this.process.closes(shared);
			shared = joined ? this.process.holdOf(next) : shared;
		}
		assertThat(joined).as("guards still join after 20 seconds").isFalse();
		told.clear();
		this.process.settle();
		told.forEach(other::hears);
		other.settle();
		assertThat(other.endOf(waiter)).isInstanceOf(Effect.Granted.class);
	}

	@Test
	void sharedAndExclusiveRequestsGoInTheOrderOfArrival() {
		Holding shared = this.process.holdOf(settled(this.process.asksToShare("key", WAIT)));
		Waiter exclusive = this.process.asks("key", WAIT);
		Waiter later = this.process.asksToShare("key", WAIT);
		Waiter latest = this.process.asksToShare("key", WAIT);
		assertThat(this.process.endOf(later)).as("it may not overtake").isNull();
		this.process.closes(shared);
		Holding alone = this.process.holdOf(exclusive);
		assertThat(this.process.endOf(later)).isNull();
		this.process.closes(alone);
		assertThat(this.process.holdOf(later).token()).isEqualTo(alone.token() + 1)
			.isEqualTo(this.process.holdOf(latest).token());
	}

	@Test
	void sharedRequestsJoinWhenTheExclusiveOneBeforeThemGivesUp() {
		Holding shared = this.process.holdOf(settled(this.process.asksToShare("key", WAIT)));
		Waiter exclusive = this.process.asks("key", WAIT);
		Waiter later = this.process.asksToShare("key", WAIT);
		this.process.givesUp(exclusive);
		assertThat(this.process.holdOf(later).token()).isEqualTo(shared.token());
	}

	@Test
	void requestsWhoseTimeIsOverTogetherEndOnceEach() {
		settled(this.process.asksToShare("key", WAIT));
		Waiter exclusive = this.process.asks("key", MILLI);
		Waiter shared = this.process.asksToShare("key", MILLI);
		this.world.pass(MILLI);
		// the process fails the test if it says two ends of one request
		this.process.timePasses();
		assertThat(this.process.endOf(exclusive)).isEqualTo(new Effect.Busy(exclusive, "a"));
		assertThat(this.process.endOf(shared)).isNotNull();
	}

	@Test
	void aWaitThatEndsWhileTheKeyIsHeldHereEndsInTime() {
		this.process.takes("key");
		Waiter waiter = this.process.asks("key", Duration.ofMillis(300));
		this.world.run(Duration.ofMillis(299));
		assertThat(this.process.endOf(waiter)).isNull();
		this.world.run(MILLI);
		assertThat(this.process.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, "a"));
		assertThat(this.process.keyStatements()).isEqualTo(1);
	}

	private Waiter settled(Waiter waiter) {
		this.process.settle();
		return waiter;
	}

}
