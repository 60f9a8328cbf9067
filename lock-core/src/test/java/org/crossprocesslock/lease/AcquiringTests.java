package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Requests and how they end: rules 7 to 9 and 11. */
class AcquiringTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void anUncontendedKeyCostsOneStatementToAcquireAndOneToRelease() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		assertThat(this.process.said(Effect.Released.class)).isEmpty();
		this.process.settle();
		assertThat(this.process.said(Effect.Released.class)).hasSize(1);
		assertThat(this.process.keySlots.sentCount()).isEqualTo(1);
		assertThat(this.process.releaseSlot.sentCount()).isEqualTo(1);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void requestsThatArriveDuringAStatementTravelTogetherSorted() {
		this.process.asks("first", WAIT);
		this.process.asks("c", WAIT);
		this.process.asks("a", WAIT);
		this.process.asks("b", WAIT);
		this.process.keySlots.goOn();
		assertThat(this.process.keySlots.pending()).isInstanceOfSatisfying(Command.Acquire.class,
				(acquire) -> assertThat(acquire.orders()).extracting(AcquireOrder::key).containsExactly("a", "b", "c"));
		this.process.settle();
		assertThat(this.process.keySlots.sentCount()).isEqualTo(2);
	}

	@Test
	void acquiresDoNotWaitForReleases() {
		Holding hold = this.process.takes("key");
		this.process.releaseSlot.hangs = true;
		this.process.closes(hold);
		assertThat(this.process.holds(this.process.takes("other"))).isTrue();
		assertThat(this.process.said(Effect.Released.class)).isEmpty();
	}

	@Test
	void manyKeysAreAcquiredBesideAnAcquireUnderWayAndFewAreNot() {
		Waiter first = this.process.asks("first", WAIT);
		Command underWay = this.process.keySlots.pending();
		List<Waiter> few = new ArrayList<>();
		for (int i = 1; i < 8; i++) {
			few.add(this.process.asks("key" + i, WAIT));
		}
		assertThat(this.process.keySlots.pendingCount()).isEqualTo(1);
		few.add(this.process.asks("key8", WAIT));
		assertThat(this.process.keySlots.pendingCount()).isEqualTo(2);
		for (int i = 0; i < 20; i++) {
			this.process.asks("late" + i, WAIT);
		}
		assertThat(this.process.keySlots.pendingCount()).as("the store has no more connections").isEqualTo(2);
		Command beside = this.process.keySlots.sent(Command.Acquire.class).get(1);
		this.process.keySlots.answer(beside, beside.runOn(this.world.store));
		assertThat(few).allMatch((waiter) -> this.process.holds(this.process.holdOf(waiter)));
		assertThat(this.process.endOf(first)).isNull();
		this.process.keySlots.answer(underWay, underWay.runOn(this.world.store));
		assertThat(this.process.holds(this.process.holdOf(first))).isTrue();
	}

	@Test
	void aGrantWhoseCallerHasGivenUpIsReleasedAtOnce() {
		Waiter waiter = this.process.asks("key", WAIT);
		Answer granted = this.process.keySlots.run();
		this.process.givesUp(waiter);
		this.process.keySlots.answer(granted);
		assertThat(this.process.endOf(waiter)).isNull();
		this.process.settle();
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aGrantAnsweredUnderAnOldLeaseIsGivenBack() {
		Waiter waiter = this.process.asks("key", WAIT);
		Answer granted = this.process.keySlots.run();
		this.world.sleep(TickedWorld.LEASE);
		this.process.timePasses();
		this.process.leaseSlot.giveUp(false);
		this.process.leaseSlot.goOn();
		this.process.keySlots.answer(granted);
		assertThat(this.process.endOf(waiter)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.holdOf(waiter).grant().term.id()).isEqualTo(this.process.leaseId());
	}

	@Test
	void aTokenWhoseReleaseWasSentNeverBecomesAGuard() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		this.process.releaseSlot.giveUp(false);
		Waiter waiter = this.process.asks("key", WAIT);
		this.process.keySlots
			.answer(new Answer.Acquired(List.of(new LeaseStore.Granted("key", hold.token(), this.process.leaseId()))));
		assertThat(this.process.endOf(waiter)).isNull();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.holdOf(waiter).token()).isGreaterThan(hold.token());
	}

	@Test
	void aRowMadeAnewMayCountFromLess() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		this.process.settle();
		this.world.run(TickedWorld.HEARTBEAT);
		this.world.store.purge(Duration.ZERO);
		this.world.setDatabaseClockBack(Duration.ofMinutes(1));
		assertThat(this.process.takes("key").token()).isLessThan(hold.token());
	}

	@Test
	void releasesOfOneStatementAreSorted() {
		Holding first = this.process.takes("first");
		Holding b = this.process.takes("b");
		Holding a = this.process.takes("a");
		this.process.closes(first);
		this.process.closes(b);
		this.process.closes(a);
		this.process.releaseSlot.goOn();
		assertThat(this.process.releaseSlot.pending()).isInstanceOfSatisfying(Command.Release.class,
				(release) -> assertThat(release.orders()).extracting(LeaseStore.ReleaseOrder::key)
					.containsExactly("a", "b"));
	}

	@Test
	void aRowOfTheOwnLeaseThatNoGuardBacksIsReleasedAndThenAcquired() {
		LeaseStore.Granted orphan = (LeaseStore.Granted) this.world.store
			.acquire(this.process.leaseId(), Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false)))
			.get(0);
		Waiter waiter = this.process.asks("key", WAIT);
		this.process.keySlots.goOn();
		assertThat(this.process.releaseSlot.pending()).isEqualTo(new Command.Release(
				List.of(new LeaseStore.ReleaseOrder("key", this.process.leaseId(), orphan.token())), List.of()));
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.holdOf(waiter).token()).isGreaterThan(orphan.token());
	}

	@Test
	void aReleaseGoesBeforeTheNextAcquireOfItsKey() {
		Holding first = this.process.takes("first");
		Holding key = this.process.takes("key");
		this.process.closes(first);
		this.process.closes(key);
		Waiter waiter = this.process.asks("key", WAIT);
		this.process.releaseSlot.goOn();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		assertThat(this.process.keySlots.isIdle()).isTrue();
		this.process.settle();
		assertThat(this.process.isDirty(this.process.holdOf(waiter))).isFalse();
		assertThat(this.process.keySlots.sentCount()).isEqualTo(3);
		assertThat(this.process.releaseSlot.sentCount()).isEqualTo(2);
	}

	@Test
	void aRequestWithoutWaitTimeBehindWaitingOnesEndsWithTheirAttempt() {
		this.process.asks("key", WAIT);
		Waiter late = this.process.asks("key", Duration.ZERO);
		assertThat(this.process.endOf(late)).as("nobody knows yet").isNull();
		this.process.settle();
		assertThat(this.process.endOf(late)).isInstanceOf(Effect.Busy.class);
		assertThat(this.process.keySlots.sentCount()).isEqualTo(1);
	}

	@Test
	void aRequestWithoutWaitTimeBehindThoseWhoWaitForAHeldKeyIsRefusedAtOnce() {
		this.world.running("b").takes("key");
		this.process.asks("key", WAIT);
		this.process.settle();
		Waiter late = this.process.asks("key", Duration.ZERO);
		assertThat(this.process.endOf(late)).isEqualTo(new Effect.Busy(late, "b"));
		assertThat(this.process.keySlots.sentCount()).isEqualTo(1);
	}

	@Test
	void aRequestWithoutWaitTimeBehindWhoeverExcludesItEndsWithTheAttemptUnderWay() {
		this.world.running("b").takes("key");
		this.process.asks("key", WAIT);
		Waiter late = this.process.asks("key", Duration.ZERO);
		this.process.keySlots.goOn();
		assertThat(this.process.endOf(late)).isEqualTo(new Effect.Busy(late, "b"));
		assertThat(this.process.keySlots.isIdle()).isTrue();
	}

	@Test
	void aRequestWithoutWaitTimeThatMayShareHasAnAttemptThatWasSentAfterIt() {
		this.world.running("b").takes("key");
		this.process.asksToShare("key", WAIT);
		Waiter late = this.process.asksToShare("key", Duration.ZERO);
		this.process.keySlots.goOn();
		assertThat(this.process.endOf(late)).isNull();
		this.process.keySlots.goOn();
		assertThat(this.process.endOf(late)).isEqualTo(new Effect.Busy(late, "b"));
	}

	@Test
	void aRequestWithoutWaitTimeIsNotRefusedWhileTheStoreIsAway() {
		this.world.running("b").takes("key");
		Waiter patient = this.process.asks("key", WAIT);
		this.process.settle();
		this.process.keySlots.answersAreLost = true;
		this.world.run(TickedWorld.HEARTBEAT);
		Waiter late = this.process.asks("key", Duration.ZERO);
		this.process.settle();
		assertThat(this.process.endOf(late)).isInstanceOf(Effect.Failed.class);
		assertThat(this.process.endOf(patient)).isNull();
	}

	@Test
	void aWaitThatEndsWhileTheStoreIsAwayHasFailed() {
		this.world.running("b").takes("key");
		Waiter waiter = this.process.asks("key", Duration.ofSeconds(3));
		this.process.settle();
		this.process.keySlots.answersAreLost = true;
		this.world.run(Duration.ofSeconds(3));
		assertThat(this.process.endOf(waiter)).isInstanceOf(Effect.Failed.class);
	}

	@Test
	void aRequestWithoutWaitTimeForAKeyHeldHereIsRefusedWithTheOwnName() {
		this.process.takes("key");
		Waiter late = this.process.asks("key", Duration.ZERO);
		assertThat(this.process.endOf(late)).isEqualTo(new Effect.Busy(late, "a"));
		assertThat(this.process.keySlots.sentCount()).isEqualTo(1);
	}

	@Test
	void aRequestWhoseTimeIsOverWhenTheKeyGoesToAnotherIsRefused() {
		Waiter first = this.process.asks("key", WAIT);
		Waiter second = this.process.asks("key", Duration.ofMillis(5));
		this.world.pass(Duration.ofMillis(10));
		this.process.timePasses();
		assertThat(this.process.endOf(second)).as("its attempt is under way").isNull();
		this.process.settle();
		assertThat(this.process.holds(this.process.holdOf(first))).isTrue();
		assertThat(this.process.endOf(second)).isEqualTo(new Effect.Busy(second, "a"));
	}

	@Test
	void aRequestThatGoesAwayTakesNothingFromThoseBehindIt() {
		Waiter first = this.process.asks("key", WAIT);
		Waiter second = this.process.asks("key", WAIT);
		this.process.givesUp(first);
		this.process.settle();
		assertThat(this.process.holds(this.process.holdOf(second))).isTrue();
	}

	@Test
	void nobodyAsksForAKeyThatNobodyWaitsForAnyMore() {
		this.world.running("b").takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		this.process.settle();
		this.process.givesUp(waiter);
		int before = this.process.keyStatements();
		this.world.run(Duration.ofSeconds(5));
		assertThat(this.process.keyStatements()).isEqualTo(before);
	}

	@Test
	void whoWaitsAsksAtOnceUnderANewLease() {
		this.world.running("b").takes("key");
		this.process.asks("key", WAIT);
		this.world.run(Duration.ofSeconds(5));
		this.world.store.end(this.process.leaseId());
		this.world.pass(TickedWorld.HEARTBEAT);
		this.process.timePasses();
		while (!this.process.keySlots.isIdle()) {
			this.process.keySlots.goOn();
		}
		int before = this.process.keySlots.sentCount();
		this.process.settle();
		assertThat(this.process.said(Effect.LeaseOpened.class)).hasSize(2);
		assertThat(this.process.keySlots.sentCount()).isEqualTo(before + 1);
	}

	@Test
	void whoHasNoTimeLeftFailsWithTheReleaseOfWhatWasLeftBehind() {
		this.world.store.acquire(this.process.leaseId(), Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false)));
		Waiter waiter = this.process.asks("key", Duration.ZERO);
		this.process.keySlots.goOn();
		LockStoreException failure = this.process.releaseSlot.giveUp(false);
		assertThat(this.process.endOf(waiter)).isEqualTo(new Effect.Failed(waiter, failure));
	}

	@Test
	void waitingForEverNeverOverflows() {
		TickedProcess other = this.world.running("b");
		Holding hold = this.process.takes("key");
		Waiter waiter = other.asks("key", Duration.ofSeconds(Long.MAX_VALUE));
		assertThat(waiter.waitNanos()).isEqualTo(TimeSource.FOREVER_NANOS);
		this.world.run(Duration.ofMinutes(10));
		assertThat(other.endOf(waiter)).isNull();
		assertThat(other.wakeIn()).isBetween(0L, TimeSource.FOREVER_NANOS);
		this.process.closes(hold);
		this.world.run(Duration.ofSeconds(1));
		assertThat(other.holds(other.holdOf(waiter))).isTrue();
	}

	@Test
	void aPermanentFailureEndsAllAtOnce() {
		List<Waiter> waiters = List.of(this.process.asks("key", WAIT), this.process.asks("key", WAIT));
		LockStoreException failure = this.process.keySlots.giveUp(true);
		assertThat(waiters).allSatisfy(
				(waiter) -> assertThat(this.process.endOf(waiter)).isEqualTo(new Effect.Failed(waiter, failure)));
	}

	@Test
	void aTransientFailureEndsOnlyThoseWithoutTimeLeft() {
		Waiter only = this.process.asks("one", Duration.ZERO);
		LockStoreException failure = this.process.keySlots.giveUp(false);
		assertThat(this.process.endOf(only)).isEqualTo(new Effect.Failed(only, failure));
		Waiter patient = this.process.asks("two", WAIT);
		this.process.keySlots.giveUp(false);
		assertThat(this.process.endOf(patient)).isNull();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.holds(this.process.holdOf(patient))).isTrue();
	}

	@Test
	void aRowThatFailsFailsByItself() {
		Waiter blocking = this.process.asks("blocking", WAIT);
		Waiter good = this.process.asks("good", WAIT);
		Waiter bad = this.process.asks("bad", WAIT);
		this.process.keySlots.goOn();
		LockStoreException failure = new LockStoreException("bad row", new IllegalStateException(), true);
		this.process.keySlots.answer(new Answer.Acquired(
				List.of(new LeaseStore.Failed("bad", failure), new LeaseStore.Granted("good", 5, null))));
		assertThat(this.process.endOf(bad)).isEqualTo(new Effect.Failed(bad, failure));
		assertThat(List.of(blocking, good)).allMatch((waiter) -> this.process.holds(this.process.holdOf(waiter)));
	}

	@Test
	void aFailedOpeningEndsOnlyThoseWithoutTimeLeftUnlessItIsPermanent() {
		TickedProcess starting = this.world.process(TickedWorld.OPTIONS, "b");
		Waiter patient = starting.asks("one", WAIT);
		Waiter only = starting.asks("two", Duration.ZERO);
		starting.leaseSlot.giveUp(false);
		assertThat(starting.endOf(only)).isInstanceOf(Effect.Failed.class);
		assertThat(starting.endOf(patient)).isNull();
		starting.leaseSlot.hangs = true;
		starting.leaseSlot.goOn();
		this.world.run(TickedWorld.HEARTBEAT);
		starting.leaseSlot.giveUp(true);
		assertThat(starting.endOf(patient)).isInstanceOf(Effect.Failed.class);
	}

	@Test
	void aRequestWithoutWaitTimeDoesNotWaitForThePauseAfterAFailedOpening() {
		TickedProcess starting = this.world.process(TickedWorld.OPTIONS, "b");
		starting.timePasses();
		starting.leaseSlot.giveUp(false);
		starting.leaseSlot.goOn();
		assertThat(starting.leaseSlot.isIdle()).isTrue();
		Waiter waiter = starting.asks("key", Duration.ZERO);
		starting.settle();
		assertThat(starting.holds(starting.holdOf(waiter))).isTrue();
	}

	@Test
	void aWaitThatIsOverDoesNotWaitForThePauseAfterAFailedOpening() {
		TickedProcess starting = this.world.process(TickedWorld.OPTIONS, "b");
		Waiter waiter = starting.asks("key", Duration.ofMillis(5));
		starting.leaseSlot.giveUp(false);
		starting.leaseSlot.goOn();
		assertThat(starting.leaseSlot.isIdle()).isTrue();
		this.world.pass(Duration.ofMillis(5));
		starting.timePasses();
		starting.settle();
		assertThat(starting.holds(starting.holdOf(waiter))).isTrue();
	}

	@Test
	void moreKeysThanOneStatementCarriesAreAllAcquired() {
		List<Waiter> waiters = new ArrayList<>();
		for (int i = 0; i < 1200; i++) {
			waiters.add(this.process.asks("key" + i, WAIT));
		}
		this.process.settle();
		assertThat(waiters).allMatch((waiter) -> this.process.holds(this.process.holdOf(waiter)));
		assertThat(this.process.keySlots.sent(Command.Acquire.class))
			.allMatch((acquire) -> acquire.orders().size() <= Agenda.MAX_BATCH);
	}

}
