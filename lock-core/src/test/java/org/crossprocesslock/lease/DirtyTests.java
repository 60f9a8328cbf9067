package org.crossprocesslock.lease;

import java.time.Duration;

import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** When what this process knows of a key may be stale: rule 14. */
class DirtyTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	private final TickedProcess other = this.world.running("b");

	@Test
	void aKeyNeverHeldBeforeIsClean() {
		takesAndCloses(this.other, "key");
		assertThat(this.process.isDirty(this.process.takes("key"))).isFalse();
	}

	@Test
	void aKeyNobodyElseHeldSinceIsClean() {
		takesAndCloses(this.process, "key");
		assertThat(this.process.isDirty(this.process.takes("key"))).isFalse();
	}

	@Test
	void aKeySomebodyElseHeldSinceIsDirtyUntilCleared() {
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		Holding dirty = this.process.takes("key");
		assertThat(this.process.isDirty(dirty)).isTrue();
		Waiter next = this.process.asks("key", WAIT);
		this.process.closes(dirty);
		Holding handedOff = this.process.holdOf(next);
		assertThat(this.process.isDirty(handedOff)).isTrue();
		closes(this.process, handedOff);
		Holding again = this.process.takes("key");
		assertThat(this.process.isDirty(again)).isTrue();
		this.process.clearsDirty(again);
		assertThat(this.process.isDirty(again)).isFalse();
		closes(this.process, again);
		assertThat(this.process.isDirty(this.process.takes("key"))).isFalse();
	}

	@Test
	void aLostGuardClearsNothing() {
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		Holding lost = this.process.takes("key");
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.clearsDirty(lost);
		assertThat(this.process.isDirty(lost)).isTrue();
	}

	@Test
	void ownEarlierLeasesCountAsOwn() {
		takesAndCloses(this.process, "key");
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.settle();
		assertThat(this.process.said(Effect.LeaseOpened.class)).hasSize(2);
		assertThat(this.process.isDirty(this.process.takes("key"))).isFalse();
	}

	@Test
	void aLateAcquireDoesNotHideWhoHadTheKeyBeforeIt() {
		this.process.asks("key", Duration.ZERO);
		Command late = this.process.keySlots.pending();
		this.process.keySlots.giveUp(false);
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		late.runOn(this.world.store);
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.settle();
		assertThat(this.process.said(Effect.LeaseOpened.class)).hasSize(2);
		assertThat(this.process.isDirty(this.process.takes("key"))).isTrue();
	}

	@Test
	void aLateAcquireOfAKeyNeverHeldUnderALostLeaseIsNotForgotten() {
		this.process.asks("key", Duration.ZERO);
		Command late = this.process.keySlots.pending();
		this.world.store.end(this.process.leaseId());
		this.world.pass(TickedWorld.HEARTBEAT);
		this.process.timePasses();
		this.process.leaseSlot.goOn();
		this.process.keySlots.giveUp(false);
		this.process.settle();
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		late.runOn(this.world.store);
		assertThat(this.process.isDirty(this.process.takes("key"))).isTrue();
	}

	@Test
	void anAcquireThatCannotRunAnyMoreHidesNothing() {
		this.process.asks("key", Duration.ZERO);
		this.process.keySlots.giveUp(false);
		this.world.run(TickedWorld.ANSWER_LIMIT.multipliedBy(3));
		takesAndCloses(this.process, "key");
		assertThat(this.process.isDirty(this.process.takes("key"))).isFalse();
	}

	@Test
	void aKeyWhoseRowWasPurgedIsDirty() {
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		this.world.run(Duration.ofSeconds(1));
		this.world.store.purge(Duration.ZERO);
		assertThat(this.process.isDirty(this.process.takes("key"))).isTrue();
	}

	@Test
	void anAcquireWhoseAnswerIsLostMakesTheNextOneDirty() {
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		this.process.asks("key", Duration.ZERO);
		this.process.keySlots.run();
		this.process.keySlots.giveUp(false);
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(2));
		assertThat(this.process.isDirty(this.process.takes("key"))).isTrue();
	}

	@Test
	void aGrantThatWasGivenBackMakesTheNextOneDirty() {
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		Waiter waiter = this.process.asks("key", WAIT);
		Answer granted = this.process.keySlots.run();
		this.process.givesUp(waiter);
		this.process.keySlots.answer(granted);
		this.process.settle();
		assertThat(this.process.isDirty(this.process.takes("key"))).isTrue();
	}

	@Test
	void anAcquireUnderWayWhenTheLeaseIsLostMakesTheNextOneDirty() {
		takesAndCloses(this.process, "key");
		takesAndCloses(this.other, "key");
		Waiter waiter = this.process.asks("key", WAIT);
		Answer granted = this.process.keySlots.run();
		this.world.sleep(TickedWorld.LEASE);
		this.process.timePasses();
		this.process.keySlots.answer(granted);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.isDirty(this.process.holdOf(waiter))).isTrue();
	}

	@Test
	void anUnansweredReleaseAloneDirtiesNothing() {
		closesWithoutAnswer(this.process.takes("key"));
		Waiter waiter = this.process.asks("key", WAIT);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.isDirty(this.process.holdOf(waiter))).isFalse();
	}

	@Test
	void aForgottenKeyIsDirty() {
		for (int i = 0; i <= KeyMemory.REMEMBERED; i++) {
			takesAndCloses(this.process, "key" + i);
		}
		assertThat(this.process.isDirty(this.process.takes("key1"))).isFalse();
		assertThat(this.process.isDirty(this.process.takes("key0"))).isTrue();
		assertThat(this.process.isDirty(this.process.takes("new"))).as("it may have been forgotten").isTrue();
	}

	private void closesWithoutAnswer(Holding hold) {
		this.process.closes(hold);
		this.process.releaseSlot.giveUp(false);
	}

	private static void takesAndCloses(TickedProcess process, String key) {
		closes(process, process.takes(key));
	}

	private static void closes(TickedProcess process, Holding hold) {
		process.closes(hold);
		process.settle();
	}

}
