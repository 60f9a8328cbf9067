package org.crossprocesslock.lease;

import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A guard that was lost and is closed much later, when its key was forgotten and is held
 * again: it must not stand for the key that is there in its place.
 */
class ForgottenKeysTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	private Holding held = this.process.takes("key");

	@BeforeEach
	void closesAGuardOfAForgottenKey() {
		Holding lost = this.held;
		losesItsLease();
		usesManyKeys("before");
		this.held = this.process.takes("key");
		assertThat(this.held.grant().key).isNotSameAs(lost.grant().key);
		this.process.closes(lost);
		this.process.settle();
	}

	private void losesItsLease() {
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.settle();
	}

	/** So many that it forgets what was unused before. */
	private void usesManyKeys(String name) {
		for (int i = 0; i <= KeyMemory.REMEMBERED; i++) {
			this.process.closes(this.process.takes(name + i));
			this.process.settle();
		}
	}

	@Test
	void theLossOfTheLeaseReachesItsGuard() {
		losesItsLease();
		assertThat(this.process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).contains(this.held);
	}

	@Test
	void itIsNotGivenBackUnderItsGuard() {
		usesManyKeys("after");
		Waiter next = this.process.asks("key", WAIT);
		this.process.settle();
		assertThat(this.process.endOf(next)).isNull();
		assertThat(this.world.store.carries("key", this.process.leaseId(), this.held.grant().token)).isTrue();
	}

	@Test
	void itsReleaseFindsIt() {
		usesManyKeys("after");
		this.process.closes(this.held);
		this.process.settle();
		assertThat(this.world.store.isFree("key")).isTrue();
	}

}
