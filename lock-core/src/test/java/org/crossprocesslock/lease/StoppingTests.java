package org.crossprocesslock.lease;

import java.time.Duration;

import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The end of a process that says so. */
class StoppingTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void guardsAreLostAndWaitersTurnedAwayBeforeTheLeaseIsEnded() {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		this.process.stops();
		assertThat(this.process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).containsExactly(hold);
		assertThat(this.process.holds(hold)).isFalse();
		assertThat(this.process.endOf(waiter)).isEqualTo(new Effect.Rejected(waiter));
		assertThat(this.process.leaseSlot.pending()).isEqualTo(new Command.End(this.process.leaseId()));
		assertThat(this.process.said(Effect.Stopped.class)).isEmpty();
		this.process.settle();
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
		assertThat(this.world.store.leaseCount()).isZero();
	}

	@Test
	void anotherProcessHasTheKeysAtOnce() {
		this.process.takes("key");
		this.process.stops();
		this.process.settle();
		TickedProcess other = this.world.running("b");
		Waiter waiter = other.asks("key", Duration.ZERO);
		other.settle();
		assertThat(other.holds(other.holdOf(waiter))).isTrue();
	}

	@Test
	void queuedReleasesAreStillSent() {
		Holding one = this.process.takes("one");
		Holding two = this.process.takes("two");
		this.process.closes(one);
		this.process.closes(two);
		this.process.stops();
		this.process.settle();
		assertThat(this.world.store.leaseIdOf("one")).isNull();
		assertThat(this.world.store.leaseIdOf("two")).isNull();
		assertThat(this.process.said(Effect.Released.class)).hasSize(2);
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
	}

	@Test
	void aGrantThatComesAfterTheStopIsGivenBackFirst() {
		Waiter waiter = this.process.asks("key", WAIT);
		Answer granted = this.process.keySlots.run();
		this.process.stops();
		this.process.leaseSlot.goOn();
		assertThat(this.process.said(Effect.Stopped.class)).isEmpty();
		this.process.keySlots.answer(granted);
		this.process.settle();
		assertThat(this.process.endOf(waiter)).isInstanceOf(Effect.Rejected.class);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
	}

	@Test
	void aLeaseThatIsBeingOpenedIsEnded() {
		TickedProcess starting = this.world.process(TickedWorld.OPTIONS, "b");
		starting.timePasses();
		starting.stops();
		starting.settle();
		assertThat(starting.said(Effect.LeaseOpened.class)).isEmpty();
		assertThat(starting.said(Effect.Stopped.class)).hasSize(1);
		assertThat(this.world.store.leaseCount()).isEqualTo(1);
	}

	@Test
	void aStoreThatDoesNotAnswerIsNotWaitedForAgain() {
		this.process.takes("key");
		this.process.stops();
		this.process.leaseSlot.giveUp(false);
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
	}

	@Test
	void nothingFollows() {
		Holding hold = this.process.takes("key");
		this.process.stops();
		this.process.settle();
		int statements = this.process.leaseSlot.sentCount() + this.process.keyStatements();
		this.process.closes(hold);
		assertThat(this.process.said(Effect.Released.class)).as("its closer does not wait").hasSize(1);
		this.world.run(Duration.ofMinutes(1));
		assertThat(this.process.leaseSlot.sentCount() + this.process.keyStatements()).isEqualTo(statements);
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
	}

}
