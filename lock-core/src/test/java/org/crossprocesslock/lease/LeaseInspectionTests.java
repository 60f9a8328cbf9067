package org.crossprocesslock.lease;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.HeldKey;
import org.crossprocesslock.HeldKey.State;
import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.WaitedKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** What a manager with a lease tells about itself, beyond what every manager does. */
class LeaseInspectionTests {

	private static final LeaseOptions OPTIONS = LeaseOptions.defaults();

	private final UnreliableStore store = new UnreliableStore();

	private final Deque<LeaseLockManager> managers = new ArrayDeque<>();

	/** Begun, as by a first request. */
	private LeaseLockManager manager(LeaseOptions options, String label) {
		LeaseLockManager manager = notAsked(options, label);
		var unused = manager.shell();
		return manager;
	}

	private LeaseLockManager notAsked(LeaseOptions options, String label) {
		LeaseLockManager manager = new LeaseLockManager(this.store, options, label, new LockListener() {
		});
		this.managers.push(manager);
		return manager;
	}

	@AfterEach
	void closeManagers() {
		this.store.refuses = false;
		this.managers.forEach(LeaseLockManager::close);
	}

	private static LockInspection of(LeaseLockManager manager) {
		return manager.inspection().orElseThrow();
	}

	private static LockReport until(LeaseLockManager manager, Predicate<LockReport> condition)
			throws InterruptedException {
		Eventually.until("the report is as expected", () -> condition.test(of(manager).report(10)));
		return of(manager).report(10);
	}

	private static LeaseReport lease(LockReport report) {
		return Objects.requireNonNull(report.lease());
	}

	@Test
	void aManagerThatNobodyHasAskedHasNoLeaseAndSaysSo() throws Exception {
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		LeaseLockManager manager = notAsked(OPTIONS, "idle");
		LockReport report = of(manager).report(10);
		assertThat(report.status()).isEqualTo(Status.NOT_OPENED);
		assertThat(report.reason()).isNull();
		assertThat(lease(report).holder()).isEqualTo("idle");
		assertThat(lease(report).id()).isNull();
		assertThat(of(manager).report("key").held()).isEmpty();
		assertThat(of(manager).release("key", 1)).isFalse();
		assertThat(this.store.leaseCount()).isZero();
		assertThat(Thread.getAllStackTraces().keySet()).filteredOn((thread) -> !before.contains(thread))
			.extracting(Thread::getName)
			.noneMatch((name) -> name.startsWith("cross-process-lock-l") || name.startsWith("cross-process-lock-k")
					|| name.startsWith("cross-process-lock-t"));
		manager.lock("key", Eventually.LIMIT).close();
		assertThat(of(manager).report(10).status()).isEqualTo(Status.OPEN);
		assertThat(this.store.leaseCount()).isOne();
	}

	@Test
	void aManagerThatWasClosedUnaskedStaysClosedAndHasClosedItsStore() {
		LeaseLockManager manager = notAsked(OPTIONS, "idle");
		manager.close();
		assertThat(of(manager).report(10).status()).isEqualTo(Status.CLOSED);
		assertThat(this.store.closed).isTrue();
		assertThatIllegalStateException().isThrownBy(() -> manager.tryLock("key"));
		assertThat(this.store.leaseCount()).isZero();
	}

	@Test
	void aStableHolderNameOpensTheLeaseAtOnceToFreeTheKeysOfAPredecessor() throws InterruptedException {
		LeaseLockManager manager = notAsked(OPTIONS.withHolderName("stable"), "label");
		assertThat(until(manager, (read) -> read.status() == Status.OPEN).reason()).isNull();
	}

	@Test
	void aLeaseThatCouldNotBeOpenedYetIsOpeningAndSaysWhyNot() throws InterruptedException {
		this.store.refuses = true;
		LeaseLockManager manager = manager(OPTIONS, "first");
		LockReport report = until(manager, (read) -> read.reason() != null);
		assertThat(report.status()).isEqualTo(Status.OPENING);
		assertThat(report.reason()).contains("refused");
		assertThat(report.statusFor()).isPositive();
		LeaseReport lease = lease(report);
		assertThat(lease.holder()).isEqualTo("first");
		assertThat(lease.duration()).isEqualTo(OPTIONS.leaseDuration());
		assertThat(lease.id()).isNull();
		assertThat(lease.renewedAgo()).isNull();
		assertThat(lease.remaining()).isNull();
		this.store.refuses = false;
		assertThat(until(manager, (read) -> read.status() == Status.OPEN).reason()).isNull();
	}

	@Test
	void anOpenLeaseIsTheOneOfTheStoreAndHasMostOfItsTimeLeft() throws InterruptedException {
		LockReport report = until(manager(OPTIONS, "first"), (read) -> read.status() == Status.OPEN);
		LeaseReport lease = lease(report);
		assertThat(this.store.hasLease(Objects.requireNonNull(lease.id()))).isTrue();
		assertThat(lease.renewedAgo()).isBetween(Duration.ZERO, OPTIONS.leaseDuration());
		assertThat(lease.remaining()).isBetween(Duration.ZERO, OPTIONS.leaseDuration());
		assertThat(lease.listening()).isFalse();
		assertThat(lease.ownConnections()).as("the store does not say").isNull();
	}

	@Test
	void aLostLeaseIsReportedWithItsGuardsUntilTheyAreClosed() throws InterruptedException {
		LeaseLockManager manager = manager(OPTIONS, "first");
		LockGuard guard = manager.lock("key", Eventually.LIMIT);
		String id = lease(of(manager).report(0)).id();
		this.store.refuses = true;
		this.store.end(Objects.requireNonNull(id));
		LockReport report = until(manager, (read) -> read.status() == Status.LOST);
		assertThat(report.reason()).isNotBlank();
		assertThat(report.held()).singleElement().extracting(HeldKey::state).isEqualTo(State.LOST);
		assertThat(lease(report).id()).isNull();
		assertThat(lease(report).remaining()).isEqualTo(Duration.ZERO);
		Duration age = Objects.requireNonNull(lease(report).renewedAgo());
		assertThat(lease(of(manager).report(0)).renewedAgo()).isGreaterThan(age);
		this.store.refuses = false;
		until(manager, (read) -> read.status() == Status.OPEN);
		assertThat(of(manager).report("key").held()).singleElement().extracting(HeldKey::state).isEqualTo(State.LOST);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
		assertThat(of(manager).report(10).held()).isEmpty();
	}

	@Test
	void aKeyIsInCommitUntilTheTransactionIsOverAlsoWhenItsGuardIsClosed() throws InterruptedException {
		LeaseLockManager manager = manager(OPTIONS, "first");
		LockGuard guard = manager.lock("key", Eventually.LIMIT);
		GuardInCommit commit = GuardInCommit.begin(this.store, guard);
		assertThat(of(manager).report("key").held()).singleElement()
			.extracting(HeldKey::state)
			.isEqualTo(State.IN_COMMIT);
		guard.close();
		assertThat(of(manager).report(10).held()).singleElement().extracting(HeldKey::state).isEqualTo(State.IN_COMMIT);
		commit.end(true);
		assertThat(of(manager).report(10).held()).isEmpty();
		assertThat(of(manager).report(10).guards()).isZero();
	}

	@Test
	void aGuardThatIsClosedAfterItsCommitIsHeldUntilThen() throws InterruptedException {
		LeaseLockManager manager = manager(OPTIONS, "first");
		LockGuard guard = manager.lock("key", Eventually.LIMIT);
		GuardInCommit.begin(this.store, guard).end(true);
		assertThat(of(manager).report("key").held()).singleElement().extracting(HeldKey::state).isEqualTo(State.HELD);
		guard.close();
		assertThat(of(manager).report(10).held()).isEmpty();
	}

	@Test
	void aKeyThatLingersIsReportedWithoutAName() throws InterruptedException {
		this.store.passesOn = true;
		LeaseLockManager manager = manager(OPTIONS.withLinger(OPTIONS.leaseDuration()), "first");
		until(manager, (read) -> lease(read).listening());
		LockGuard guard = manager.lock(LockRequest.of("key", Eventually.LIMIT).withName("name"));
		guard.close();
		LockReport report = of(manager).report(10);
		assertThat(report.guards()).isZero();
		assertThat(report.held()).singleElement().satisfies((held) -> {
			assertThat(held.state()).isEqualTo(State.LINGERING);
			assertThat(held.name()).isNull();
			assertThat(held.token()).isEqualTo(guard.fencingToken());
		});
		assertThat(of(manager).report("key").held()).singleElement().isNotNull();
		assertThat(of(manager).report(0).held()).isEmpty();
	}

	@Test
	void aKeyThatIsReleasedInCommitIsFreeOnlyAfterTheTransaction() throws InterruptedException {
		LeaseLockManager manager = manager(OPTIONS.withLease(Duration.ofMinutes(10), Duration.ofSeconds(3)), "first");
		LockGuard guard = manager.lock("key", Eventually.LIMIT);
		long token = guard.fencingToken();
		GuardInCommit commit = GuardInCommit.begin(this.store, guard);
		assertThat(this.store.fence("key", Objects.requireNonNull(this.store.leaseIdOf("key")), token)).isTrue();
		assertThat(of(manager).release("key", token)).isTrue();
		assertThat(guard.isHeld()).isFalse();
		assertThat(manager.tryLock("key")).isEmpty();
		this.store.endFence("key");
		commit.end(true);
		manager.lock("key", Eventually.LIMIT).close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
	}

	@Test
	void aKeyThatLingersIsReleased() throws InterruptedException {
		this.store.passesOn = true;
		LeaseLockManager manager = manager(OPTIONS.withLinger(OPTIONS.leaseDuration()), "first");
		until(manager, (read) -> lease(read).listening());
		LockGuard guard = manager.lock("key", Eventually.LIMIT);
		guard.close();
		assertThat(of(manager).release("key", guard.fencingToken())).isTrue();
		Eventually.until("the row is free", () -> this.store.leaseIdOf("key") == null);
	}

	@Test
	void aProcessWhoseLeaseIsToEndLosesItsGuardsBeforeAnybodyElseHasTheKey() throws InterruptedException {
		LeaseLockManager victim = manager(OPTIONS, "victim");
		LeaseLockManager other = manager(OPTIONS, "other");
		LockGuard guard = victim.lock("key", Eventually.LIMIT);
		CompletableFuture<LockGuard> waits = other.lockAsync(LockRequest.of("key", Duration.ofMinutes(1)))
			.whenComplete((next, failure) -> {
				if (guard.isHeld()) {
					throw new IllegalStateException("two have the key");
				}
			});
		synchronized (this.store) {
			// no heartbeat comes in between
			this.store.endLease("key", this.store.tokenOf("key"));
			assertThat(guard.isHeld()).as("until its process knows").isTrue();
		}
		waits.join().close();
		assertThat(until(victim, (read) -> read.status() == Status.OPEN).held()).singleElement()
			.extracting(HeldKey::state)
			.isEqualTo(State.LOST);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
	}

	@Test
	void whoWaitsIsToldWhichProcessHasTheKey() throws InterruptedException {
		LeaseLockManager first = manager(OPTIONS, "first");
		LeaseLockManager second = manager(OPTIONS, "second");
		LockRequest request = LockRequest.of("key", Duration.ofMinutes(1));
		try (LockGuard guard = first.lock(request)) {
			CompletableFuture<LockGuard> there = second.lockAsync(request);
			CompletableFuture<LockGuard> here = first.lockAsync(request);
			until(second, (read) -> read.waiting().stream().anyMatch((waited) -> "first".equals(waited.holder())));
			assertThat(of(first).report("key").waiting()).isNotNull().extracting(WaitedKey::holder).isEqualTo("first");
			there.cancel(false);
			here.cancel(false);
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	void nobodyWaitsForAStoreToRead() throws InterruptedException {
		this.store.ownConnections = true;
		LeaseLockManager manager = manager(OPTIONS, "first");
		assertThat(lease(of(manager).report(0)).ownConnections()).isTrue();
		manager.lock("key", Eventually.LIMIT).close();
		int calls = this.store.calls;
		for (int i = 0; i < 1000; i++) {
			of(manager).report(10);
			of(manager).report("key");
		}
		assertThat(this.store.calls - calls).as("renewals at most").isLessThan(10);
	}

	/** A store that refuses leases while it is to, and may pass notices on. */
	@SuppressWarnings("UnsynchronizedOverridesSynchronized")
	private static final class UnreliableStore extends SimulatedStore {

		private volatile boolean refuses;

		private volatile boolean passesOn;

		private volatile boolean ownConnections;

		private volatile boolean closed;

		private volatile int calls;

		UnreliableStore() {
			super(() -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
					OPTIONS.leaseDuration().dividedBy(2));
		}

		@Override
		public synchronized Kept open(String leaseId, String holder, Duration duration) {
			if (this.refuses) {
				throw new LockStoreException("refused", new IOException("refused"), false);
			}
			return super.open(leaseId, holder, duration);
		}

		@Override
		public void listen(String leaseId, NoticeReceiver receiver) {
			if (this.passesOn) {
				receiver.listening(true);
			}
		}

		@Override
		public Optional<Boolean> hasOwnConnections() {
			return this.ownConnections ? Optional.of(true) : Optional.empty();
		}

		@Override
		public void close() {
			this.closed = true;
			super.close();
		}

		@Override
		public synchronized Looked look(List<String> keys) {
			this.calls++;
			return super.look(keys);
		}

		@Override
		public synchronized Optional<Kept> renew(String leaseId) {
			this.calls++;
			return super.renew(leaseId);
		}

	}

}
