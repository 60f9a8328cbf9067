package org.crossprocesslock.lease;

import java.time.Duration;

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
		this.process.keyLane.giveUp(false);
		assertThat(this.process.keyLane.isIdle()).isTrue();
		this.world.run(TickedWorld.HEARTBEAT.minus(MILLI));
		assertThat(this.process.keyLane.sent(Command.Look.class)).isEmpty();
		this.world.run(MILLI);
		assertThat(this.process.keyLane.sent(Command.Look.class)).hasSize(1);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.keyLane.sent(Command.Look.class)).hasSize(2);
	}

	@Test
	void doubtEndsOnlyAfterNoStatementCanRunAnyMore() {
		this.process.asks("key", Duration.ZERO);
		Command acquire = this.process.keyLane.pending();
		this.process.keyLane.giveUp(false);
		// looks at 1 and 2 seconds find nothing, then the statement runs
		this.world.run(TickedWorld.ANSWER_LIMIT.minus(MILLI));
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
		this.world.run(TickedWorld.HEARTBEAT);
		int looks = this.process.keyLane.sent(Command.Look.class).size();
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(5));
		assertThat(this.process.keyLane.sent(Command.Look.class)).as("doubt has ended").hasSize(looks);
	}

	@Test
	void doubtAllowsForAClockThatRunsTooFast() {
		// so that a look comes when the limit is over by this clock but not by the
		// store's
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(2).dividedBy(5));
		this.process.asks("key", Duration.ZERO);
		Command acquire = this.process.keyLane.pending();
		this.process.keyLane.giveUp(false);
		this.world.run(TickedWorld.ANSWER_LIMIT.plusMillis(110));
		acquire.runOn(this.world.store);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void theOrphanOfAnUnansweredAcquireIsReleased() {
		this.process.asks("key", Duration.ZERO);
		this.process.keyLane.run();
		this.process.keyLane.giveUp(false);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.releaseLane.sent(Command.Release.class)).hasSize(1);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void anUnansweredReleaseIsRepeated() {
		Hold hold = this.process.takes("key");
		this.process.closes(hold);
		this.process.releaseLane.giveUp(false);
		assertThat(this.process.said(Effect.Released.class)).as("its closer does not wait for ever").hasSize(1);
		assertThat(this.world.store.leaseIdOf("key")).isNotNull();
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void newRequestsNeedNotWaitForTheEndOfDoubt() {
		this.process.asks("key", Duration.ZERO);
		this.process.keyLane.giveUp(false);
		Hold hold = this.process.takes("key");
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.holds(hold)).isTrue();
		assertThat(this.process.releaseLane.sent(Command.Release.class)).as("a guard backs the row").isEmpty();
	}

	@Test
	void doubtEndsWithTheLease() {
		this.process.asks("key", Duration.ZERO);
		this.process.keyLane.giveUp(false);
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.settle();
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keyLane.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void anUnansweredStatementOfALostLeaseLeavesNoDoubt() {
		this.process.asks("key", Duration.ZERO);
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.leaseLane.goOn();
		this.process.leaseLane.goOn();
		this.process.keyLane.giveUp(false);
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keyLane.sent(Command.Look.class)).isEmpty();
	}

}
