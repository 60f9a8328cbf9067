package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Releases that a crash of the store undoes: rule 8. */
class UnflushedReleasesTests {

	private static final Duration MILLI = Duration.ofMillis(1);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void aReleaseThatACrashUndidIsRepeatedWithTheNextHeartbeat() {
		releases("key");
		this.world.store.crash(1);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void withoutACrashNothingIsLookedAt() {
		releases("key");
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void aReleaseThatAHeartbeatHasFlushedIsNotLookedAt() {
		releases("key");
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.unflushed()).isZero();
		this.world.store.crash(0);
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void aReleaseThatAFailOverUndidIsRepeatedThoughItWasFlushedLongAgo() {
		SimulatedStore.LockRow before = releasesAfterALook("key");
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(3));
		this.world.store.failOver("key", before);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aReleaseOlderThanALeaseIsNotDoubted() {
		SimulatedStore.LockRow before = releasesAfterALook("key");
		this.world.run(TickedWorld.LEASE.multipliedBy(2));
		this.world.store.failOver("another", before);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void aKeyTakenAgainIsNotDoubtedForTheSakeOfItsFormerRelease() {
		UnflushedReleases releases = new UnflushedReleases();
		releases.kept("1 of server");
		releases.sent("key");
		releases.ended("key");
		releases.renewalSent();
		assertThat(releases.kept("1 of server")).isEmpty();
		releases.sent("key");
		assertThat(releases.kept("1 of another")).containsExactly("key");
	}

	/** As with borrowed connections. */
	@Test
	void aSessionForEachRenewalDoubtsEachReleaseOnce() {
		UnflushedReleases releases = new UnflushedReleases();
		releases.kept("1 of server");
		releases.sent("key");
		releases.ended("key");
		releases.renewalSent();
		assertThat(releases.kept("2 of server")).containsExactly("key");
		releases.renewalSent();
		assertThat(releases.kept("3 of server")).isEmpty();
		assertThat(releases.kept("4 of another")).containsExactly("key");
	}

	@Test
	void onlySoManyAreRememberedForAFailOver() {
		UnflushedReleases releases = new UnflushedReleases();
		releases.kept("server");
		for (int i = 0; i < UnflushedReleases.MANY + 5; i++) {
			releases.sent("key" + i);
			releases.ended("key" + i);
		}
		releases.renewalSent();
		assertThat(releases.kept("server")).isEmpty();
		assertThat(releases.areMany()).isFalse();
		assertThat(releases.kept("another")).hasSize(UnflushedReleases.MANY)
			.doesNotContain("key4")
			.contains("key5", "key" + (UnflushedReleases.MANY + 4));
	}

	@Test
	void aReleaseAnsweredAfterTheRenewalWasSentIsNotFlushedByIt() {
		Holding hold = this.process.takes("key");
		this.process.leaseSlot.hangs = true;
		this.world.run(TickedWorld.HEARTBEAT);
		Command.Answer renewed = this.process.leaseSlot.run();
		this.process.closes(hold);
		this.process.releaseSlot.goOn();
		this.process.leaseSlot.answer(renewed);
		this.world.store.crash(1);
		this.process.leaseSlot.hangs = false;
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aReleaseUnderWayAtTheCrashIsRepeatedThoughItsAnswerComesLater() {
		Holding hold = this.process.takes("key");
		this.process.closes(hold);
		Command.Answer released = this.process.releaseSlot.run();
		this.world.store.crash(1);
		this.world.pass(TickedWorld.HEARTBEAT);
		this.process.timePasses();
		this.process.leaseSlot.goOn();
		this.process.releaseSlot.answer(released);
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void anUnansweredRenewalLeavesTheQuestionToTheNextOne() {
		releases("key");
		this.world.store.crash(1);
		this.process.leaseSlot.answersAreLost = true;
		this.world.run(TickedWorld.HEARTBEAT.plus(MILLI));
		assertThat(this.world.store.leaseIdOf("key")).isNotNull();
		this.process.leaseSlot.answersAreLost = false;
		this.world.run(TickedWorld.HEARTBEAT);
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aKeyReleasedAndTakenAgainKeepsItsGuardThroughTheDoubt() {
		releases("key");
		Holding hold = this.process.takes("key");
		this.world.store.crash(0);
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isNotEmpty();
		assertThat(this.process.holds(hold)).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(1);
	}

	@Test
	void aFormerLeaseLeavesNothingToLookAt() {
		releases("key");
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.world.store.crash(0);
		this.process.settle();
		this.world.run(TickedWorld.LEASE);
		assertThat(this.process.keySlots.sent(Command.Look.class)).isEmpty();
	}

	@Test
	void manyReleasesAreFlushedByAnEarlyRenewal() {
		List<Holding> holds = new ArrayList<>();
		for (int i = 0; i <= UnflushedReleases.MANY; i++) {
			holds.add(this.process.takes("key" + i));
		}
		int renewals = this.process.leaseSlot.sent(Command.Renew.class).size();
		holds.forEach((hold) -> {
			this.process.closes(hold);
			this.process.settle();
		});
		assertThat(this.process.leaseSlot.sent(Command.Renew.class)).hasSize(renewals + 1);
	}

	private SimulatedStore.LockRow releasesAfterALook(String key) {
		Holding hold = this.process.takes(key);
		SimulatedStore.LockRow held = Objects.requireNonNull(this.world.store.locks.get(key));
		this.process.closes(hold);
		this.process.settle();
		return held;
	}

	private void releases(String key) {
		this.process.closes(this.process.takes(key));
		this.process.settle();
	}

}
