package org.crossprocesslock;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

/** The end of a manager, and so guards that are lost. */
interface ClosingContract extends ContractFixture {

	@Test
	default void openGuardsAreLostWhenTheManagerCloses() {
		LockGuard guard = acquire();
		manager().close();
		assertThat(guard.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::checkHeld);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close)
			.withMessageContaining(key())
			.satisfies((ex) -> {
				assertThat(ex.getKey()).isEqualTo(key());
				assertThat(ex.getFencingToken()).isEqualTo(guard.fencingToken());
			});
		guard.close();
		assertThat(guard.isHeld()).isFalse();
	}

	@Test
	default void aGuardThatWasClosedInTimeIsNotLost() throws InterruptedException {
		AtomicBoolean told = new AtomicBoolean();
		LockGuard closed = acquire();
		closed.onLost(() -> told.set(true));
		closed.close();
		LockGuard lost = acquire();
		CountDownLatch lossTold = new CountDownLatch(1);
		lost.onLost(lossTold::countDown);
		manager().close();
		assertThat(lossTold.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		closed.close();
		assertThat(told).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::close);
	}

	@Test
	default void everyCallbackOfALostGuardRunsOnceEvenIfOneBlocksAndOneThrows() throws InterruptedException {
		CountDownLatch told = new CountDownLatch(2);
		CountDownLatch end = new CountDownLatch(1);
		LockGuard guard = acquire();
		guard.onLost(() -> {
			try {
				assertThat(end.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		});
		guard.onLost(() -> {
			throw new IllegalStateException("from the callback");
		});
		guard.onLost(told::countDown);
		manager().close();
		guard.onLost(told::countDown);
		assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		end.countDown();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
	}

	@Test
	default void waitingRequestsFailWhenTheManagerCloses() throws Exception {
		LockGuard guard = acquire();
		CompletableFuture<LockGuard> future = manager().lockAsync(request(Eventually.LIMIT));
		Background<LockGuard> waiter = Background.call(() -> manager().lock(key(), Eventually.LIMIT)).untilItWaits();
		manager().close();
		assertThatIllegalStateException().isThrownBy(waiter::join);
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> future.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
			.withCauseInstanceOf(IllegalStateException.class);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
	}

	@Test
	default void aClosedManagerTakesNoRequest() {
		manager().close();
		assertThatIllegalStateException().isThrownBy(() -> manager().tryLock(key()));
		assertThatIllegalStateException().isThrownBy(() -> manager().tryLock(request(Duration.ZERO)));
		assertThatIllegalStateException().isThrownBy(() -> manager().lock(key(), Eventually.LIMIT));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(
				() -> manager().lockAsync(request(Duration.ZERO)).get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
			.withCauseInstanceOf(IllegalStateException.class);
	}

	@Test
	default void closingAManagerTwiceIsHarmless() {
		manager().close();
		manager().close();
	}

	@Test
	default void whatAClosedManagerHeldIsFreeForOthers() throws InterruptedException {
		assumeThat(sharesKeysWithASecondManager()).isTrue();
		LockManager second = manager(new LockListener() {
		});
		LockGuard lost = acquire();
		manager().close();
		try (LockGuard guard = second.lock(key(), Eventually.LIMIT)) {
			assertThat(guard.fencingToken()).isGreaterThan(lost.fencingToken());
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lost::close);
			assertThat(guard.isHeld()).isTrue();
			assertThat(second.tryLock(key())).isEmpty();
		}
	}

	@Test
	default void closingOneManagerLeavesTheOthersAlone() {
		LockManager second = manager(new LockListener() {
		});
		try (LockGuard guard = acquire()) {
			second.close();
			assertThat(guard.isHeld()).isTrue();
			assertThat(manager().tryLock(key())).isEmpty();
		}
	}

	@Test
	default void workWhoseGuardWasLostDoesNotSucceed() {
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> manager().callLocked(request(Duration.ZERO), () -> {
				manager().close();
				return "done";
			}));
	}

	@Test
	default void theLossIsSuppressedInWhatTheWorkThrew() {
		assertThatIOException().isThrownBy(() -> manager().callLocked(request(Duration.ZERO), () -> {
			manager().close();
			throw new IOException("from the work");
		}))
			.withMessage("from the work")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(LockLostException.class));
	}

	@Test
	default void everyRequestEndsHoweverItMeetsTheClose() throws Exception {
		for (int i = 0; i < 20; i++) {
			LockManager closing = manager(new LockListener() {
			});
			Background<Boolean> closer = Background.call(() -> {
				closing.close();
				return true;
			});
			CompletableFuture<LockGuard> future = closing.lockAsync(request(Eventually.LIMIT));
			Eventually.until("the request has ended", future::isDone);
			closer.join();
			if (!future.isCompletedExceptionally()) {
				LockGuard guard = future.get();
				assertThat(guard.isHeld()).isFalse();
				assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
			}
		}
	}

}
