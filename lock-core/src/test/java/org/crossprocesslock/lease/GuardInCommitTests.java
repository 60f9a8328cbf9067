package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Guards under which a transaction commits: rule 15. */
class GuardInCommitTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final TickedWorld world = new TickedWorld();

	private final TickedProcess process = this.world.running("a");

	@Test
	void closeReturnsAtOnceAndTheReleaseFollowsTheCommit() {
		Holding hold = this.process.takes("key");
		begun(hold);
		this.process.closes(hold);
		assertThat(this.process.said(Effect.Released.class)).as("its closer goes on").hasSize(1);
		this.world.run(Duration.ofSeconds(5));
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).isEmpty();
		this.process.endsCommit(hold, true);
		this.process.settle();
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theReleaseOfAGuardThatIsStillOpenFollowsItsClose(boolean known) {
		Holding hold = this.process.takes("key");
		begun(hold);
		this.process.endsCommit(hold, known);
		this.process.settle();
		assertThat(this.process.holds(hold)).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).isEmpty();
		this.process.closes(hold);
		this.process.settle();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(1);
	}

	@Test
	void nothingIsHandedOffWhileInCommit() {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		begun(hold);
		this.process.closes(hold);
		assertThat(this.process.endOf(waiter)).isNull();
		this.process.endsCommit(hold, true);
		assertThat(this.process.holdOf(waiter).token()).isEqualTo(hold.token() + 1);
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).isEmpty();
	}

	@Test
	void aCommitThatTakesLongerThanHandOffsMayIsFollowedByARelease() {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		begun(hold);
		this.process.closes(hold);
		this.world.run(Duration.ofNanos(Grant.HAND_OFF_NANOS));
		this.process.endsCommit(hold, true);
		assertThat(this.process.endOf(waiter)).isNull();
		this.process.settle();
		assertThat(this.world.store.leaseIdOf("key")).isNull();
		this.world.run(Duration.ofMillis(100));
		assertThat(this.process.holdOf(waiter).token())
			.isGreaterThanOrEqualTo(hold.token() + LeaseStore.TOKENS_PER_GRANT);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void afterAnUnknownOutcomeTheStoreDecidesWhenTheNextGetsTheKey(boolean closedBefore) {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		begun(hold);
		fenced(hold);
		if (closedBefore) {
			this.process.closes(hold);
		}
		this.process.endsCommit(hold, false);
		if (!closedBefore) {
			this.process.closes(hold);
		}
		this.world.run(Duration.ofSeconds(5));
		assertThat(this.process.endOf(waiter)).as("the transaction may still commit").isNull();
		this.world.store.endFence("key");
		this.world.run(Duration.ofSeconds(2));
		assertThat(this.process.holdOf(waiter).token())
			.isGreaterThanOrEqualTo(hold.token() + LeaseStore.TOKENS_PER_GRANT);
	}

	@Test
	void anUnknownOutcomeUnderOneGuardEndsTheHandOffsOfAllThatShareItsGrant() {
		Holding first = takesShared();
		Holding second = takesShared();
		Waiter waiter = this.process.asks("key", WAIT);
		begun(first);
		fenced(first);
		this.process.closes(first);
		this.process.endsCommit(first, false);
		this.process.closes(second);
		assertThat(this.process.endOf(waiter)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
		this.world.store.endFence("key");
		this.world.run(Duration.ofSeconds(2));
		assertThat(this.process.holdOf(waiter).grant()).isNotSameAs(first.grant());
	}

	@Test
	void anOutcomeThatIsKnownDoesNotUndoOneThatWasNot() {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		begun(hold);
		this.process.endsCommit(hold, false);
		begun(hold);
		this.process.endsCommit(hold, true);
		this.process.closes(hold);
		assertThat(this.process.endOf(waiter)).isNull();
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void handOffsBeforeTheCommitDoNotMatter() {
		Holding first = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		Waiter next = this.process.asks("key", WAIT);
		this.process.closes(first);
		Holding second = this.process.holdOf(waiter);
		assertThat(this.process.beginsCommit(first)).isEqualTo(CommitStart.CLOSED);
		begun(second);
		this.process.closes(second);
		assertThat(this.process.endOf(next)).isNull();
		this.process.endsCommit(second, true);
		assertThat(this.process.holdOf(next).token()).isEqualTo(first.token() + 2);
	}

	@Test
	void aGuardIsInCommitUntilTheLastOfItsTransactionsIsOver() {
		Holding hold = this.process.takes("key");
		Waiter waiter = this.process.asks("key", WAIT);
		begun(hold);
		begun(hold);
		this.process.closes(hold);
		this.process.endsCommit(hold, true);
		assertThat(this.process.endOf(waiter)).isNull();
		this.process.endsCommit(hold, true);
		assertThat(this.process.holdOf(waiter).token()).isEqualTo(hold.token() + 1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aGrantThatIsSharedIsGivenUpAfterTheLastCloseAndTheLastCommit(boolean commitEndsFirst) {
		Holding inCommit = takesShared();
		Holding other = takesShared();
		begun(inCommit);
		this.process.closes(inCommit);
		if (commitEndsFirst) {
			this.process.endsCommit(inCommit, true);
		}
		else {
			this.process.closes(other);
		}
		assertThat(this.process.isQuiet()).isTrue();
		Holding joining = this.process.holdOf(this.process.asksToShare("key", Duration.ZERO));
		assertThat(joining.token()).isEqualTo(inCommit.token());
		this.process.closes(joining);
		assertThat(this.process.isQuiet()).isTrue();
		if (commitEndsFirst) {
			this.process.closes(other);
		}
		else {
			this.process.endsCommit(inCommit, true);
		}
		assertThat(this.process.releaseSlot.pending()).isInstanceOf(Command.Release.class);
	}

	@Test
	void noCommitBeginsUnderAClosedGuard() {
		Holding hold = this.process.takes("key");
		begun(hold);
		this.process.closes(hold);
		assertThat(this.process.beginsCommit(hold)).isEqualTo(CommitStart.CLOSED);
		this.process.endsCommit(hold, true);
		assertThat(this.process.beginsCommit(hold)).isEqualTo(CommitStart.CLOSED);
	}

	@Test
	void noCommitBeginsPastTheLocalDeadline() {
		Holding hold = this.process.takes("key");
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		assertThat(this.process.beginsCommit(hold)).isEqualTo(CommitStart.LOST);
		assertThat(this.process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).containsExactly(hold);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theEndOfACommitUnderALostGuardChangesNothing(boolean known) {
		Holding hold = this.process.takes("key");
		begun(hold);
		fenced(hold);
		losesItsLease();
		assertThat(this.process.said(Effect.Lost.class)).extracting(Effect.Lost::hold).containsExactly(hold);
		Waiter waiter = this.process.asks("key", WAIT);
		this.world.run(Duration.ofSeconds(3));
		assertThat(this.process.endOf(waiter)).as("the row is locked").isNull();
		this.world.store.endFence("key");
		this.world.run(Duration.ofSeconds(2));
		Holding successor = this.process.holdOf(waiter);
		this.process.endsCommit(hold, known);
		this.process.closes(hold);
		this.process.settle();
		assertThat(this.process.holds(successor)).isTrue();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).isEmpty();
		this.process.closes(successor);
		this.process.settle();
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).hasSize(1);
	}

	@Test
	void aGuardThatWasClosedInCommitIsNotToldThatItIsLost() {
		Holding hold = this.process.takes("key");
		begun(hold);
		this.process.closes(hold);
		losesItsLease();
		assertThat(this.process.said(Effect.Lost.class)).isEmpty();
		this.process.endsCommit(hold, true);
		assertThat(this.process.said(Effect.Released.class)).hasSize(1);
	}

	@Test
	void aKeyThatWasTakenIsLostForAllItsGuardsAndWaitersGoOn() {
		List<Holding> guards = List.of(takesShared(), takesShared());
		Holding closed = takesShared();
		begun(closed);
		this.process.closes(closed);
		Waiter waiter = this.process.asks("key", WAIT);
		begun(guards.get(0));
		TickedProcess other = this.world.running("b");
		isTakenBy(other);
		this.process.findsTaken(guards.get(0));
		this.process.endsCommit(guards.get(0), false);
		assertThat(this.process.said(Effect.Lost.class)).extracting(Effect.Lost::hold)
			.containsExactlyElementsOf(guards);
		assertThat(this.process.beginsCommit(guards.get(1))).isEqualTo(CommitStart.LOST);
		assertThat(this.process.holds(closed)).isFalse();
		assertThat(guards).as("though the lease goes on")
			.noneMatch(this.process::holds)
			.allSatisfy((guard) -> assertThat(guard.whyLost(this.world.now())).isEqualTo("taken"));
		guards.forEach(this.process::closes);
		this.world.run(Duration.ofMillis(50));
		assertThat(this.process.keySlots.sent(Command.Acquire.class)).as("the waiter asks as usual")
			.hasSizeGreaterThan(1);
		this.world.run(Duration.ofSeconds(3));
		assertThat(this.process.endOf(waiter)).as("the other process has the key").isNull();
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(other.leaseId());
		other.stops();
		this.world.run(Duration.ofSeconds(2));
		assertThat(this.process.holds(this.process.holdOf(waiter))).isTrue();
	}

	@Test
	void aKeyThatOnlySeemedTakenIsFoundAndReleased() {
		Holding hold = this.process.takes("key");
		begun(hold);
		this.process.findsTaken(hold);
		this.process.endsCommit(hold, false);
		this.process.closes(hold);
		assertThat(this.process.isQuiet()).isTrue();
		this.world.run(TickedWorld.HEARTBEAT.multipliedBy(2));
		assertThat(this.world.store.leaseIdOf("key")).isNull();
	}

	@Test
	void aKeyThatWasTakenBeforeTheLeaseWasLostIsNotLostTwice() {
		Holding hold = this.process.takes("key");
		begun(hold);
		losesItsLease();
		this.process.findsTaken(hold);
		this.process.endsCommit(hold, false);
		assertThat(this.process.said(Effect.Lost.class)).hasSize(1);
		assertThat(this.process.isQuiet()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aStoppingProcessDoesNotWaitForCommits(boolean closed) {
		Holding hold = this.process.takes("key");
		begun(hold);
		fenced(hold);
		if (closed) {
			this.process.closes(hold);
		}
		this.process.stops();
		this.process.settle();
		assertThat(this.process.said(Effect.Lost.class)).hasSize(closed ? 0 : 1);
		assertThat(this.process.said(Effect.Stopped.class)).hasSize(1);
		TickedProcess other = this.world.running("b");
		Waiter waiter = other.asks("key", WAIT);
		this.world.run(Duration.ofSeconds(2));
		assertThat(other.endOf(waiter)).as("the row is locked").isNull();
		this.world.store.endFence("key");
		this.process.endsCommit(hold, true);
		this.world.run(Duration.ofSeconds(2));
		assertThat(other.holdOf(waiter).token()).isGreaterThan(hold.token());
		assertThat(this.process.releaseSlot.sent(Command.Release.class)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void oneAttemptAtAKeyThatAnOpenTransactionKeepsLockedEnds(boolean duringTheFirstRelease) {
		isGivenUpWithAnUnknownOutcome();
		if (!duringTheFirstRelease) {
			this.process.settle();
		}
		Waiter waiter = this.process.asks("key", Duration.ZERO);
		int statements = this.process.keyStatements();
		this.process.settle();
		assertThat(this.process.endOf(waiter)).isEqualTo(new Effect.Busy(waiter, "a"));
		assertThat(this.process.keyStatements() - statements).isLessThanOrEqualTo(1);
		assertThat(this.world.store.leaseIdOf("key")).isEqualTo(this.process.leaseId());
	}

	@Test
	void aKeyThatAnOpenTransactionKeepsLockedIsAskedForWithPauses() {
		isGivenUpWithAnUnknownOutcome();
		Waiter waiter = this.process.asks("key", WAIT);
		Waiter shortly = this.process.asks("key", Duration.ofSeconds(4));
		int statements = this.process.keyStatements();
		this.world.run(Duration.ofSeconds(10));
		assertThat(this.process.endOf(shortly)).isInstanceOf(Effect.Busy.class);
		// for each second a release, after the first few
		assertThat(this.process.keyStatements() - statements).isLessThan(10 + 8);
		this.world.store.endFence("key");
		this.world.run(Duration.ofSeconds(2));
		assertThat(this.process.holds(this.process.holdOf(waiter))).isTrue();
	}

	private Holding takesShared() {
		Waiter waiter = this.process.asksToShare("key", WAIT);
		this.process.settle();
		return this.process.holdOf(waiter);
	}

	private void begun(Holding hold) {
		assertThat(this.process.beginsCommit(hold)).isEqualTo(CommitStart.BEGUN);
	}

	private void fenced(Holding hold) {
		assertThat(this.world.store.fence("key", hold.grant().term.id(), hold.grant().token)).isTrue();
	}

	/** Time passes in which nothing of the process happens; then it opens a new lease. */
	private void losesItsLease() {
		this.world.pass(TickedWorld.LOCAL_DEADLINE);
		this.process.timePasses();
		this.process.settle();
		assertThat(this.process.said(Effect.LeaseOpened.class)).hasSize(2);
	}

	/** As after a jump of the database's clock that the process has not noticed yet. */
	private void isTakenBy(TickedProcess other) {
		String leaseId = this.process.leaseId();
		this.world.store.leases.remove(leaseId);
		var unused = this.world.store.acquire(other.leaseId(), Long.MAX_VALUE,
				List.of(new LeaseStore.AcquireOrder("key", leaseId, false)));
		this.world.store.leases.put(leaseId, new SimulatedStore.LeaseRow("a", Long.MAX_VALUE, 0, 0));
	}

	/** The transaction stays open, with the row locked. */
	private void isGivenUpWithAnUnknownOutcome() {
		Holding hold = this.process.takes("key");
		begun(hold);
		fenced(hold);
		this.process.endsCommit(hold, false);
		this.process.closes(hold);
	}

}
