package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.crossprocesslock.Background;
import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.RecordingListener;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The shell with a real machine; time and calls of the store are the test's. */
class MachineShellTests {

	private final TickedCalls leaseCalls = new TickedCalls();

	private final TickedCalls keyCalls = new TickedCalls();

	private final TickedTime time = new TickedTime();

	private final List<String> leasesLost = new CopyOnWriteArrayList<>();

	private final RecordingListener listener = new RecordingListener() {

		@Override
		public void onLeaseLost(String reason) {
			MachineShellTests.this.leasesLost.add(reason);
		}

	};

	private final ListeningStore store = new ListeningStore();

	private final List<LeaseMachine> machines = new ArrayList<>();

	private final ShellManager manager = new ShellManager();

	private final MachineShell shell = this.manager.shell;

	private int wakeUps;

	private LeaseMachine machine() {
		SplittableRandom random = new SplittableRandom(this.machines.size());
		LeaseMachine made = new LeaseMachine(TickedWorld.OPTIONS, "shell", TickedWorld.ANSWER_LIMIT.toNanos(),
				Agenda.WORTH_ANOTHER, KeyMemory.REMEMBERED, () -> new UUID(random.nextLong(), random.nextLong()),
				random, Instants.of(this.time));
		this.machines.add(made);
		return made;
	}

	/** Makes calls until none is under way. */
	private void settle() {
		while (this.leaseCalls.makeOne(this.store) || this.keyCalls.makeOne(this.store)) {
			assertThat(this.time.fails).isFalse();
		}
	}

	private CompletableFuture<LockGuard> asks(String key, Duration wait) {
		return this.manager.lockAsync(LockRequest.of(key, wait).withName(key));
	}

	private LockGuard takes(String key) throws Exception {
		CompletableFuture<LockGuard> asked = asks(key, Duration.ofSeconds(30));
		this.shell.pass();
		settle();
		return asked.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	private void closes(LockGuard guard) throws Exception {
		int before = this.keyCalls.made();
		Background<Boolean> closer = Background.call(() -> {
			guard.close();
			return true;
		});
		Eventually.until("the release is sent", () -> this.keyCalls.made() + this.keyCalls.pending() > before);
		settle();
		assertThat(closer.join()).isTrue();
	}

	private static LockStoreException failureOf(CompletableFuture<LockGuard> asked) {
		try {
			LockGuard guard = asked.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
			throw new AssertionError("Granted: " + guard);
		}
		catch (ExecutionException ex) {
			return (LockStoreException) Objects.requireNonNull(ex.getCause());
		}
		catch (Exception ex) {
			throw new AssertionError("No end", ex);
		}
	}

	@Test
	void aCommandThatCannotBeSentCountsAsNotAnswered() throws Exception {
		closes(takes("first"));
		for (boolean throwing : new boolean[] { true, false }) {
			BrokenLog log = new BrokenLog(MachineShell.class);
			this.keyCalls.refuses = true;
			this.keyCalls.throwsIfItRefuses = throwing;
			int before = this.wakeUps;
			CompletableFuture<LockGuard> asked = asks("key", Duration.ZERO);
			assertThat(this.wakeUps).isGreaterThan(before);
			this.shell.pass();
			assertThat(failureOf(asked)).hasMessageContaining("no thread");
			log.close();
			this.keyCalls.refuses = false;
			this.time.pass(Duration.ofSeconds(1));
			closes(takes("key"));
		}
	}

	@Test
	void aMachineThatThrowsIsEndedWithAllThatHungOnItAndReplaced() throws Exception {
		LockGuard held = takes("held");
		CountDownLatch lost = new CountDownLatch(1);
		held.onLost(lost::countDown);
		String lease = this.store.listened.get(0);
		CompletableFuture<LockGuard> waiting = asks("held", Duration.ofSeconds(30));
		try (CapturedLog log = new CapturedLog()) {
			int before = this.wakeUps;
			this.time.fails = true;
			CompletableFuture<LockGuard> unlucky = asks("other", Duration.ofSeconds(30));
			this.time.fails = false;
			assertThat(this.wakeUps).isGreaterThan(before);
			assertThat(failureOf(unlucky)).hasMessageContaining("engine of this process failed");
			this.shell.pass();
			assertThat(failureOf(waiting)).hasMessageContaining("engine of this process failed");
			assertThat(log.errors().filter((line) -> line.contains("please report"))).singleElement()
				.asString()
				.contains("engine failed", "OutOfMemoryError");
			assertThat(log.warnings()).anyMatch((line) -> line.contains("'held'"));
		}
		assertThat(held.isHeld()).isFalse();
		assertThat(lost.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> GuardInCommit.begin(this.store, held))
			.withMessageContaining("engine of this process failed");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(held::close)
			.withMessageContaining("engine of this process failed");
		this.listener.hears("held", "requested", "acquired", "requested", "lost", "FAILED", "released");
		assertThat(this.machines).hasSize(2);
		LockGuard next = takes("held");
		assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
		assertThat(this.store.hasLease(lease)).isFalse();
		closes(next);
	}

	@Test
	void aMachineThatFollowsAnotherDoesNotTakeAKeyOfThatOneForNeverHeld() throws Exception {
		closes(takes("key"));
		this.store.open("other", "other", TickedWorld.LEASE);
		LeaseStore.AcquireResult taken = this.store
			.acquire("other", Long.MAX_VALUE, List.of(new LeaseStore.AcquireOrder("key", null, false)))
			.get(0);
		long token = ((LeaseStore.Granted) taken).token();
		assertThat(this.store.release(List.of(new LeaseStore.ReleaseOrder("key", "other", token)), List.of()))
			.isEmpty();
		this.time.fails = true;
		this.shell.pass();
		this.time.fails = false;
		this.shell.pass();
		assertThat(this.machines).hasSize(2);
		assertThat(takes("key").isDirty()).isTrue();
	}

	@Test
	void whatHungOnAMachineIsEndedAlsoIfItsCallsCannotBeAbandonedAtOnce() throws Exception {
		LockGuard held = takes("held");
		CompletableFuture<LockGuard> waiting = asks("held", Duration.ofSeconds(30));
		this.keyCalls.cannotAbandon = true;
		this.time.fails = true;
		this.shell.pass();
		this.keyCalls.cannotAbandon = false;
		this.time.fails = false;
		this.shell.pass();
		assertThat(failureOf(waiting)).hasMessageContaining("engine of this process failed");
		assertThat(held.isHeld()).isFalse();
		closes(takes("held"));
	}

	@Test
	void aGrantThatWasNotDeliveredBecauseTheShellThrewEndsInAFailure() throws Exception {
		closes(takes("first"));
		this.time.pass(TickedWorld.HEARTBEAT);
		this.shell.pass();
		assertThat(this.leaseCalls.pending()).as("a renewal that is not answered").isOne();
		Duration answerTime = TickedWorld.ANSWER_LIMIT.multipliedBy(6).dividedBy(5);
		this.time.pass(answerTime.minusMillis(50));
		CompletableFuture<LockGuard> held = asks("key", Duration.ofSeconds(30));
		assertThat(this.keyCalls.makeOne(this.store)).isTrue();
		CompletableFuture<LockGuard> next = asks("key", Duration.ofSeconds(30));
		this.time.pass(Duration.ofMillis(50));
		this.leaseCalls.cannotAbandon = true;
		held.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).close();
		this.leaseCalls.cannotAbandon = false;
		this.shell.pass();
		assertThat(failureOf(next)).hasMessageContaining("engine of this process failed");
		settle();
		closes(takes("key"));
	}

	@Test
	void aCloserIsNotHeldUpByAShellThatThrowsInsteadOfTellingItOfTheRelease() throws Exception {
		LockGuard held = takes("key");
		this.time.pass(TickedWorld.HEARTBEAT);
		this.shell.pass();
		assertThat(this.leaseCalls.pending()).as("a renewal that is not answered").isOne();
		Background<Boolean> closer = Background.call(() -> {
			held.close();
			return true;
		}).untilItWaits();
		Runnable released = this.keyCalls.takeOver(this.store);
		this.time.pass(TickedWorld.ANSWER_LIMIT.multipliedBy(6).dividedBy(5));
		this.leaseCalls.cannotAbandon = true;
		released.run();
		this.leaseCalls.cannotAbandon = false;
		this.shell.pass();
		assertThat(closer.join()).isTrue();
		assertThat(this.machines).hasSize(2);
		assertThat(this.leaseCalls.pending()).as("the first call of the new machine alone").isOne();
	}

	@Test
	void whoClosesAGuardWhileItsMachineEndsIsNotHeldUp() throws Exception {
		LockGuard held = takes("held");
		Background<Boolean> closer = Background.call(() -> {
			held.close();
			return true;
		}).untilItWaits();
		assertThat(this.keyCalls.pending()).isOne();
		this.time.fails = true;
		this.shell.pass();
		this.time.fails = false;
		this.shell.pass();
		assertThat(closer.join()).isTrue();
		assertThat(this.keyCalls.pending()).as("calls that nobody waits for").isZero();
	}

	@Test
	void anAnswerToAMachineThatHasEndedIsIgnored() throws Exception {
		CompletableFuture<LockGuard> asked = asks("key", Duration.ofSeconds(30));
		this.shell.pass();
		while (this.keyCalls.pending() == 0) {
			assertThat(this.leaseCalls.makeOne(this.store)).isTrue();
		}
		Runnable late = this.keyCalls.takeOver(this.store);
		this.time.fails = true;
		this.shell.pass();
		this.time.fails = false;
		this.shell.pass();
		assertThat(failureOf(asked)).isNotNull();
		late.run();
		settle();
		closes(takes("key"));
	}

	@Test
	void aMachineThatThrowsWhileItIsStoppedLosesItsGuardsAndStops() throws Exception {
		LockGuard held = takes("held");
		this.time.fails = true;
		this.shell.stop();
		this.time.fails = false;
		assertThat(this.shell.stopped().getCount()).isZero();
		this.shell.pass();
		assertThat(held.isHeld()).isFalse();
		assertThat(this.shell.requested(this.manager.last())).isFalse();
	}

	@Test
	void aRequestAsksForAnEarlierPassOnlyIfItIsDueEarlier() throws Exception {
		LockGuard held = takes("key");
		settle();
		assertThat(this.shell.pass()).isGreaterThan(Duration.ofMillis(200).toNanos());
		int before = this.wakeUps;
		CompletableFuture<LockGuard> soon = asks("key", Duration.ofMillis(50));
		assertThat(this.wakeUps).isEqualTo(before + 1);
		assertThat(this.shell.pass()).isLessThanOrEqualTo(Duration.ofMillis(50).toNanos());
		CompletableFuture<LockGuard> later = asks("key", Duration.ofSeconds(20));
		assertThat(this.wakeUps).isEqualTo(before + 1);
		this.time.pass(Duration.ofMillis(51));
		this.shell.pass();
		Eventually.until("refused", soon::isDone);
		assertThat(later).isNotDone();
		later.cancel(true);
		held.onLost(() -> {
		});
	}

	@Test
	void theStoreListensForEachLeaseOnceInTheOrderOfTheirOpening() throws Exception {
		takes("key");
		this.time.pass(TickedWorld.LEASE);
		this.shell.pass();
		settle();
		assertThat(this.store.listened).hasSize(2).doesNotHaveDuplicates();
		this.shell.listen();
		assertThat(this.store.listened).as("what is told once more").hasSize(2);
		this.listener.hears("key", "requested", "acquired", "lost");
	}

	@Test
	void aStoreThatCannotListenIsAskedAgainAndChangesNothing() throws Exception {
		this.store.cannotListen = true;
		closes(takes("key"));
		assertThat(this.machines).hasSize(1);
		this.store.cannotListen = false;
		this.time.pass(TickedWorld.HEARTBEAT);
		this.shell.pass();
		settle();
		assertThat(this.store.listened).hasSize(1);
	}

	@Test
	void theStoreListensAlsoIfTheLogIsBroken() throws Exception {
		try (BrokenLog log = new BrokenLog(Deliveries.class)) {
			takes("key");
			assertThat(log.asked()).contains("INFO");
		}
		assertThat(this.store.listened).hasSize(1);
	}

	@Test
	void theEndOfTheManagerIsNoLossOfTheLease() throws Exception {
		LockGuard held = takes("held");
		try (CapturedLog log = new CapturedLog()) {
			this.shell.stop();
			settle();
			this.listener.hears("held", "requested", "acquired", "lost");
			assertThat(log.warnings()).noneMatch((line) -> line.contains("is lost"));
		}
		assertThat(held.isHeld()).isFalse();
		assertThat(this.leasesLost).isEmpty();
	}

	@Test
	void aLostLeaseIsToldOnceAfterItsGuards() throws Exception {
		takes("held");
		this.time.pass(TickedWorld.LEASE);
		this.shell.pass();
		settle();
		Eventually.until("the loss of the lease is heard", () -> !this.leasesLost.isEmpty());
		this.listener.hears("held", "requested", "acquired", "lost");
		assertThat(this.leasesLost).hasSize(1);
	}

	private int held() {
		return this.shell.read((machine, holds, requests, now) -> holds.size());
	}

	@Test
	void aGuardThatWasClosedInCommitAndLostIsForgottenWhenThatIsOver() throws Exception {
		LockGuard guard = takes("key");
		GuardInCommit inCommit = GuardInCommit.begin(this.store, guard);
		guard.close();
		assertThat(held()).isOne();
		this.time.pass(TickedWorld.LEASE);
		this.shell.pass();
		settle();
		assertThat(held()).isOne();
		inCommit.end(true);
		assertThat(held()).isZero();
	}

	@Test
	void aGuardThatWasClosedInCommitIsForgottenWithTheLastOfItsCommits() throws Exception {
		LockGuard guard = takes("key");
		GuardInCommit first = GuardInCommit.begin(this.store, guard);
		GuardInCommit second = GuardInCommit.begin(this.store, guard);
		guard.close();
		first.end(true);
		assertThat(held()).isOne();
		second.end(true);
		assertThat(held()).isZero();
	}

	@Test
	void aGuardWhoseRowIsTakenIsLostAtOnceWhateverThrows() throws Exception {
		LockGuard guard = takes("key");
		CountDownLatch lost = new CountDownLatch(1);
		guard.onLost(lost::countDown);
		GuardInCommit inCommit = GuardInCommit.begin(this.store, guard);
		try (BrokenLog log = new BrokenLog(Deliveries.class)) {
			this.time.fails = true;
			assertThat(inCommit.taken()).hasMessageContaining("another holder");
			this.time.fails = false;
			assertThat(log.asked()).contains("WARN");
		}
		assertThat(lost.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void noRequestIsTakenInAfterTheStop() throws Exception {
		LockGuard held = takes("held");
		this.shell.stop();
		assertThat(held.isHeld()).isFalse();
		assertThat(asks("held", Duration.ZERO)).failsWithin(Eventually.LIMIT)
			.withThrowableThat()
			.withCauseInstanceOf(IllegalStateException.class);
		assertThat(this.shell.stopped().getCount()).isOne();
		settle();
		assertThat(this.shell.stopped().getCount()).isZero();
		assertThat(this.store.leaseCount()).isZero();
	}

	/** Starts requests at the shell. */
	private final class ShellManager extends AttemptingLockManager {

		private final MachineShell shell;

		private @Nullable LockAttempt last;

		ShellManager() {
			super(MachineShellTests.this.listener);
			this.shell = new MachineShell(MachineShellTests.this::machine, MachineShellTests.this.store,
					MachineShellTests.this.time, MachineShellTests.this.leaseCalls, MachineShellTests.this.keyCalls,
					listener(), new Deliveries(), () -> MachineShellTests.this.wakeUps++);
		}

		@Override
		protected void start(LockAttempt attempt) {
			this.last = attempt;
			if (!this.shell.requested(attempt)) {
				throw closedException();
			}
		}

		LockAttempt last() {
			return Objects.requireNonNull(this.last);
		}

		@Override
		protected void abandon(LockAttempt attempt) {
			this.shell.abandoned(attempt);
		}

		@Override
		public void close() {
			this.shell.stop();
		}

	}

	/** Passes when the test says so, and fails at times. */
	private static final class TickedTime implements TimeSource {

		private boolean fails;

		// the monotonic clock wraps during most tests
		private long nanos = Long.MAX_VALUE - Duration.ofMillis(500).toNanos();

		private long wallNanos = Duration.ofDays(20_000).toNanos();

		void pass(Duration duration) {
			this.nanos += duration.toNanos();
			this.wallNanos += duration.toNanos();
		}

		@Override
		public long nanos() {
			if (this.fails) {
				throw new OutOfMemoryError("in the machine");
			}
			return this.nanos;
		}

		@Override
		public long wallMillis() {
			return this.wallNanos / 1_000_000;
		}

	}

	/** Calls that are made when the test says so. */
	private static final class TickedCalls implements Calls {

		private record Pending(Command command, Consumer<Answer> answers) {

		}

		private final List<Pending> calls = new ArrayList<>();

		private int made;

		private boolean refuses;

		private boolean throwsIfItRefuses;

		private boolean cannotAbandon;

		@Override
		public synchronized boolean run(Command command, Consumer<Answer> answers) {
			if (this.refuses && this.throwsIfItRefuses) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			return !this.refuses && this.calls.add(new Pending(command, answers));
		}

		synchronized int pending() {
			return this.calls.size();
		}

		synchronized int made() {
			return this.made;
		}

		boolean makeOne(LeaseStore store) {
			if (pending() == 0) {
				return false;
			}
			takeOver(store).run();
			return true;
		}

		/** Makes the call; its answer is told when the result is run. */
		synchronized Runnable takeOver(LeaseStore store) {
			Pending call = this.calls.remove(0);
			this.made++;
			Answer answer = call.command().runOn(store);
			return () -> call.answers().accept(answer);
		}

		@Override
		public synchronized void abandon(Command command) {
			if (this.cannotAbandon) {
				throw new OutOfMemoryError("no room to look for it");
			}
			this.calls.removeIf((call) -> call.command() == command);
		}

		@Override
		public synchronized void abandonAll() {
			if (this.cannotAbandon) {
				throw new OutOfMemoryError("no room to look for them");
			}
			this.calls.clear();
		}

		@Override
		public void close() {
			// has no threads
		}

	}

	/** Knows for which leases it was to listen. */
	private final class ListeningStore extends SimulatedStore {

		private final List<String> listened = new ArrayList<>();

		private boolean cannotListen;

		ListeningStore() {
			super(() -> MachineShellTests.this.time.wallNanos / 1000, TickedWorld.ANSWER_LIMIT);
		}

		@Override
		public void listen(String leaseId, NoticeReceiver receiver) {
			if (this.cannotListen) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			this.listened.add(leaseId);
		}

	}

}
