package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Objects;

import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Keys that a grant keeps for a time: rule 18. */
class LeaseKeptTests {

	private static final Duration KEEP = Duration.ofSeconds(30);

	private static final Duration MILLI = Duration.ofMillis(1);

	private static final Duration LONGEST_PAUSE = TickedWorld.OPTIONS.maxBackoff();

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("process");

	private final TickedProcess other = this.world.running("other");

	@Test
	void aKeptKeyIsBusyAfterOneStatementWhichSaysForHowLong() {
		this.process.closes(keeps(this.process));
		this.process.settle();
		this.world.pass(Duration.ofSeconds(10));
		Waiter waiter = this.other.asks("key", Duration.ZERO);
		this.other.settle();
		assertThat(this.other.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, null, Duration.ofSeconds(20)));
		assertThat(this.other.keyStatements()).isEqualTo(1);
	}

	@Test
	void aKeyIsKeptFromTheNextRequestOfTheSameProcessToo() {
		Holding hold = keeps(this.process);
		Waiter next = this.process.asks("key", Duration.ofHours(1));
		this.process.closes(hold);
		this.process.settle();
		this.world.run(KEEP.minus(MILLI));
		assertThat(this.process.endOf(next)).isNull();
		this.world.run(MILLI.multipliedBy(3));
		assertThat(this.process.holdOf(next).token()).isGreaterThan(hold.token());
	}

	@Test
	void whoeverWaitsAsksAtMostOnceInALongestPauseAndAtTheMoment() {
		this.process.closes(keeps(this.process));
		this.process.settle();
		Waiter waiter = this.other.asks("key", Duration.ofHours(1));
		this.world.run(KEEP.minus(MILLI));
		assertThat(this.other.endOf(waiter)).isNull();
		long halfPauses = KEEP.dividedBy(LONGEST_PAUSE.dividedBy(2));
		assertThat((long) this.other.keyStatements()).isLessThanOrEqualTo(halfPauses + 1);
		this.world.run(MILLI.multipliedBy(3));
		assertThat(this.other.holds(this.other.holdOf(waiter))).isTrue();
	}

	@Test
	void aKeyIsKeptThroughTheEndOfItsProcess() {
		keeps(this.process);
		this.process.stops();
		this.process.settle();
		Waiter waiter = this.other.asks("key", Duration.ofHours(1));
		this.world.run(KEEP.minus(MILLI));
		assertThat(this.other.endOf(waiter)).isNull();
		this.world.run(MILLI.multipliedBy(3));
		assertThat(this.other.holds(this.other.holdOf(waiter))).isTrue();
	}

	@Test
	void aKeyIsKeptThroughACrashOfItsProcess() {
		keeps(this.process);
		this.world.kill(this.process);
		Waiter waiter = this.other.asks("key", Duration.ofHours(1));
		this.world.run(KEEP.minus(MILLI));
		assertThat(this.other.endOf(waiter)).isNull();
		this.world.run(Duration.ofSeconds(1));
		assertThat(this.other.holds(this.other.holdOf(waiter))).isTrue();
	}

	@Test
	void aKeyThatIsHeldForLongerThanItIsKeptIsFreeWithItsRelease() {
		Holding hold = keeps(this.process);
		this.world.run(KEEP.plusSeconds(1));
		this.process.closes(hold);
		this.process.settle();
		assertThat(this.other.holds(this.other.takes("key"))).isTrue();
	}

	@Test
	void whoeverKeepsAKeyIsNotHandedTheGrantOfAnother() {
		Holding hold = this.process.takes("key");
		Waiter keeping = this.process.asks("key", KEEP, Duration.ofHours(1));
		this.process.closes(hold);
		this.world.run(LONGEST_PAUSE);
		assertThat(this.process.holdOf(keeping).grant()).isNotSameAs(hold.grant());
		assertThat(this.world.store.isKept("key")).isTrue();
	}

	@Test
	void aKeyThatLingersIsReleasedForWhoeverKeepsIt() {
		TickedProcess lingering = this.world.running(TickedWorld.OPTIONS.withLinger(Duration.ofSeconds(5)), "lingering")
			.listens();
		Holding hold = lingering.takes("key");
		lingering.closes(hold);
		Waiter keeping = lingering.asks("key", KEEP, Duration.ZERO);
		lingering.settle();
		assertThat(lingering.holdOf(keeping).grant()).isNotSameAs(hold.grant());
		assertThat(this.world.store.isKept("key")).isTrue();
		lingering.closes(lingering.holdOf(keeping));
		lingering.settle();
		assertThat(this.world.store.leaseIdOf("key")).as("it does not linger itself").isNull();
	}

	@Test
	void aGrantThatNobodyGetsKeepsNothing() {
		Waiter waiter = this.process.asks("key", KEEP, Duration.ofSeconds(1));
		this.process.givesUp(waiter);
		this.process.settle();
		assertThat(this.world.store.leaseIdOf("key")).isNull();
		assertThat(this.world.store.isKept("key")).isFalse();
	}

	@Test
	void aGuardThatNobodyReceivesKeepsNothing() {
		this.process.givesBack(keeps(this.process));
		this.process.settle();
		assertThat(this.other.holds(this.other.takes("key"))).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).singleElement()
			.satisfies((release) -> assertThat(release.orders()).singleElement().matches(ReleaseOrder::unused));
	}

	@Test
	void whatKeepsNothingIsReleasedAsEver() {
		this.process.givesBack(this.process.takes("key"));
		this.process.settle();
		assertThat(this.process.releaseSlot.sent(Command.Release.class))
			.allSatisfy((release) -> assertThat(release.orders()).noneMatch(ReleaseOrder::unused));
	}

	@Test
	void aGrantGoesToNobodyWhoAskedToKeepForAnotherTime() {
		Waiter first = this.process.asks("key", KEEP, Duration.ofSeconds(1));
		Waiter second = this.process.asks("key", Duration.ofSeconds(1));
		this.process.givesUp(first);
		this.world.run(LONGEST_PAUSE);
		assertThat(this.process.holds(this.process.holdOf(second))).isTrue();
		assertThat(this.world.store.isKept("key")).isFalse();
	}

	@Test
	void anOperatorFreesAKeyThatIsHeldAndKept() {
		Holding hold = keeps(this.process);
		assertThat(this.process.takesAway("key", hold.token())).isTrue();
		this.process.settle();
		assertThat(this.world.store.isKept("key")).isFalse();
		assertThat(this.other.holds(this.other.takes("key"))).isTrue();
	}

	@Test
	void whatIsFoundUnderTheOwnLeaseIsReleasedButKept() {
		Holding hold = keeps(this.process);
		String lease = Objects.requireNonNull(this.process.leaseId());
		this.process.closes(hold);
		this.process.settle();
		this.world.store.crash(1);
		this.world.run(TickedWorld.LEASE);
		assertThat(this.world.store.carries("key", lease, hold.token())).isFalse();
		assertThat(this.world.store.isKept("key")).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class))
			.allSatisfy((release) -> assertThat(release.orders()).noneMatch(ReleaseOrder::unused));
	}

	private Holding keeps(TickedProcess process) {
		Waiter waiter = process.asks("key", KEEP, Duration.ZERO);
		process.settle();
		return process.holdOf(waiter);
	}

}
