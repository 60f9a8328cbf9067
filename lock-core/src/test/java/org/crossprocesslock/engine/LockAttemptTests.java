package org.crossprocesslock.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.RecordingListener;
import org.crossprocesslock.engine.ManualLockManager.ManualClaim;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class LockAttemptTests {

	private final LockRequest request = LockRequest.of("key", Eventually.LIMIT).withName("request");

	private final RecordingListener listener = new RecordingListener();

	private final ManualClaim claim = new ManualClaim();

	private final ManualLockManager manager = new ManualLockManager(this.listener, (attempt) -> {
	});

	private LockAttempt started() {
		return this.manager.started.get(0);
	}

	@Test
	void aGrantAfterTheCancellationIsReleasedAndNotToldAsAGrant() throws InterruptedException {
		CompletableFuture<LockGuard> future = this.manager.lockAsync(this.request);
		future.cancel(true);
		assertThat(this.manager.abandoned).containsExactly(started());
		started().deliver(started().hold(this.claim));
		Eventually.until("released", () -> this.claim.releases.get() > 0);
		assertThat(this.listener.about("request")).containsExactly("requested", "ABANDONED");
		assertThat(this.claim.releases).hasValue(1);
	}

	@Test
	void aCancellationBetweenTheGrantAndItsDeliveryReleasesTheGuard() throws InterruptedException {
		AtomicReference<@Nullable CompletableFuture<LockGuard>> future = new AtomicReference<>();
		ManualLockManager cancelling = new ManualLockManager(onAcquired(() -> {
			assertThat(Objects.requireNonNull(future.get()).cancel(true)).isTrue();
		}), (attempt) -> {
		});
		future.set(cancelling.lockAsync(this.request));
		LockAttempt attempt = cancelling.started.get(0);
		attempt.deliver(attempt.hold(this.claim));
		Eventually.until("released", () -> this.claim.releases.get() > 0);
		this.listener.hears("request", "requested", "acquired", "released");
		assertThat(this.claim.releases).hasValue(1);
		assertThat(cancelling.abandoned).isEmpty();
	}

	@Test
	void anInterruptBetweenTheGrantAndItsDeliveryReleasesTheGuard() throws Exception {
		AtomicReference<@Nullable Background<LockGuard>> waiter = new AtomicReference<>();
		ManualLockManager interrupting = new ManualLockManager(onAcquired(() -> {
			Background<LockGuard> present = Objects.requireNonNull(waiter.get());
			present.interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(present::join);
		}), (attempt) -> {
		});
		waiter.set(Background.call(() -> interrupting.lock(this.request)).untilItWaits());
		LockAttempt attempt = interrupting.started.get(0);
		attempt.deliver(attempt.hold(this.claim));
		assertThat(this.listener.about("request")).containsExactly("requested", "acquired", "released");
		assertThat(this.claim.releases).hasValue(1);
		assertThat(interrupting.abandoned).isEmpty();
	}

	@Test
	void aGuardThatCannotBeMadeEndsTheAttemptAndTheNextOneIsMade() throws Exception {
		OutOfMemoryError failure = new OutOfMemoryError("simulated");
		AtomicBoolean fails = new AtomicBoolean(true);
		List<Boolean> made = new ArrayList<>();
		ManualLockManager granting = new ManualLockManager(this.listener, (attempt) -> made.add(attempt.deliver(() -> {
			if (fails.getAndSet(false)) {
				throw failure;
			}
			return attempt.hold(this.claim);
		})));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> granting.lock(this.request))
			.matches((ex) -> !ex.isPermanent())
			.havingRootCause()
			.isSameAs(failure);
		granting.lock(this.request).close();
		assertThat(made).containsExactly(false, true);
		assertThat(this.listener.about("request")).containsExactly("requested", "FAILED", "requested", "acquired",
				"released");
	}

	@Test
	void endsAfterTheFirstDoNothing() throws Exception {
		ManualLockManager granting = new ManualLockManager(this.listener,
				(attempt) -> attempt.deliver(attempt.hold(this.claim)));
		LockGuard guard = granting.lock(this.request);
		LockAttempt attempt = granting.started.get(0);
		ManualClaim second = new ManualClaim();
		attempt.deliver(attempt.hold(second));
		attempt.busy("somebody");
		attempt.failed(new IllegalStateException("too late"));
		assertThat(second.releases).hasValue(1);
		assertThat(this.claim.releases).hasValue(0);
		assertThat(guard.isHeld()).isTrue();
		assertThat(this.listener.about("request")).containsExactly("requested", "acquired");
		guard.close();
	}

	@Test
	void aLossBeforeTheDeliveryIsToldAfterTheGrant() throws Exception {
		ManualLockManager losing = new ManualLockManager(this.listener, (attempt) -> {
			HeldLock held = attempt.hold(this.claim);
			held.lose("too slow");
			assertThat(this.listener.about("request")).containsExactly("requested");
			attempt.deliver(held);
		});
		LockGuard guard = losing.lock(this.request);
		assertThat(this.listener.about("request")).containsExactly("requested", "acquired", "lost");
		assertThat(guard.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close).withMessageContaining("too slow");
	}

	@Test
	void aStoreFailureIsSeenFromTheCallersStackAndNeverBusy() {
		LockStoreException failure = new LockStoreException("no connection", new SQLException("refused"), true);
		ManualLockManager failing = new ManualLockManager(this.listener, (attempt) -> attempt.failed(failure));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> failing.tryLock("key"))
			.withMessageContaining("'key'")
			.withMessageContaining("no connection")
			.withCause(failure)
			.satisfies((ex) -> {
				assertThat(ex.isPermanent()).isTrue();
				assertThat(ex.getStackTrace()).anyMatch((frame) -> frame.getMethodName().equals("tryLock"));
			});
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> failing.lock(this.request));
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> failing.lockAsync(this.request).get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
			.withCause(failure);
	}

	@Test
	void aBackendThatThrowsEndsTheRequest() {
		ManualLockManager broken = new ManualLockManager(this.listener, (attempt) -> {
			throw new UnsupportedOperationException("broken");
		});
		assertThatIllegalStateException().isThrownBy(() -> broken.lock(this.request)).withMessage("broken");
		assertThat(this.listener.about("request")).containsExactly("requested", "FAILED");
	}

	@Test
	void aGrantThatCannotBeHandedOverIsGivenBackAndAFailure() {
		ManualLockManager granting = new ManualLockManager(this.listener, (attempt) -> {
			this.claim.tokenFailure = new StackOverflowError("at the end of the stack");
			HeldLock held = attempt.hold(this.claim);
			attempt.deliver(held);
		});
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> granting.lock(this.request))
			.withMessageContaining("at the end of the stack");
		assertThat(this.claim.releases).hasValue(1);
	}

	@Test
	void aGrantThatCanBeNeitherHandedOverNorGivenBackIsAFailure() {
		ManualLockManager granting = new ManualLockManager(this.listener, (attempt) -> {
			this.claim.tokenFailure = new StackOverflowError("at the end of the stack");
			this.claim.roomFailure = new StackOverflowError("and no room");
			attempt.deliver(attempt.hold(this.claim));
		});
		assertThat(granting.lockAsync(this.request)).failsWithin(Eventually.LIMIT)
			.withThrowableThat()
			.withMessageContaining("at the end of the stack");
	}

	@Test
	void futuresAreCompletedAlsoWhereThereIsNoMemoryToCallBack() {
		LockStoreException failure = new LockStoreException("no connection", new SQLException("refused"), true);
		Queue<Consumer<LockAttempt>> ends = new ArrayDeque<>(List
			.of((attempt) -> attempt.deliver(() -> attempt.hold(this.claim)), (attempt) -> attempt.failed(failure)));
		ManualLockManager manager = new ManualLockManager(this.listener, (attempt) -> ends.remove().accept(attempt),
				(attempt) -> {
				}, new Callbacks(Runnable::run, 1, Runnable::run, new ConcurrentLinkedQueue<>() {

					@Override
					public boolean add(Runnable callback) {
						throw new OutOfMemoryError("simulated");
					}

				}));
		this.claim.released = new CompletableFuture<>();
		CompletableFuture<LockGuard> granted = manager.lockAsync(this.request);
		assertThat(granted).isCompletedWithValueMatching(LockGuard::isHeld);
		assertThat(manager.lockAsync(this.request)).isCompletedExceptionally();
		CompletableFuture<Void> closed = granted.join().closeAsync();
		assertThat(closed).isNotDone();
		this.claim.released.complete(null);
		assertThat(closed).isCompleted();
		assertThat(this.claim.releases).hasValue(1);
	}

	@Test
	void theThreadOfACallerThatBlocksIsLentOnceAfterTheStart() throws Exception {
		ManualLockManager lending = new ManualLockManager(this.listener, (attempt) -> {
		}, (attempt) -> {
			attempt.deliver(attempt.hold(this.claim));
			Thread.currentThread().interrupt();
		});
		lending.lock(this.request).close();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(lending.lentTo).isEqualTo(lending.started).hasSize(1);
		var unused = lending.lockAsync(this.request);
		assertThat(lending.lentTo).hasSize(1);
	}

	@Test
	void aBackendThatThrowsOnABorrowedThreadEndsTheRequest() {
		ManualLockManager broken = new ManualLockManager(this.listener, (attempt) -> {
		}, (attempt) -> {
			throw new IllegalStateException("broken");
		});
		assertThatIllegalStateException().isThrownBy(() -> broken.lock(this.request)).withMessage("broken");
		assertThat(broken.abandoned).isEqualTo(broken.started).hasSize(1);
	}

	@Test
	void theHolderLastSeenIsInTheTimeout() throws Exception {
		ManualLockManager busy = new ManualLockManager(this.listener, (attempt) -> attempt.busy("host-1:4711"));
		assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> busy.lock(this.request))
			.withMessageContaining("host-1:4711")
			.satisfies((ex) -> assertThat(ex.getHolder()).isEqualTo("host-1:4711"));
		assertThat(busy.tryLock(LockRequest.of("key", Duration.ZERO).withName("zero"))).isEmpty();
		assertThat(this.listener.about("request")).containsExactly("requested", "TIMED_OUT");
		assertThat(this.listener.about("zero")).containsExactly("requested", "BUSY");
	}

	@Test
	void aFailureMeetsACancellationWithOneEnd() throws InterruptedException {
		CountDownLatch cancelled = new CountDownLatch(1);
		CompletableFuture<LockGuard> future = this.manager.lockAsync(this.request);
		var unused = future.whenComplete((guard, failure) -> cancelled.countDown());
		started().failed(new IllegalStateException("closed"));
		future.cancel(true);
		assertThat(cancelled.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(this.listener.about("request")).containsExactly("requested", "FAILED");
		assertThat(this.manager.abandoned).isEmpty();
	}

	private LockListener onAcquired(Runnable action) {
		return new LockListener() {

			@Override
			public void onRequested(LockRequest request) {
				LockAttemptTests.this.listener.onRequested(request);
			}

			@Override
			public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
				LockAttemptTests.this.listener.onAcquired(request, fencingToken, waited);
				action.run();
			}

			@Override
			public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
				LockAttemptTests.this.listener.onRefused(request, refusal, waited);
			}

			@Override
			public void onReleased(LockRequest request, long fencingToken, Duration held) {
				LockAttemptTests.this.listener.onReleased(request, fencingToken, held);
			}

		};
	}

}
