package org.crossprocesslock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Requests that block nobody. */
interface AsyncContract extends ContractFixture {

	private static <T> T get(CompletableFuture<T> future) throws Exception {
		return future.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	@Test
	default void aFutureIsCompletedWithTheGuard() throws Exception {
		LockGuard guard = acquire();
		CompletableFuture<LockGuard> future = manager().lockAsync(request(Eventually.LIMIT));
		assertThat(future).isNotDone();
		guard.close();
		try (LockGuard next = get(future)) {
			assertThat(next.isHeld()).isTrue();
			assertThat(isFree()).isFalse();
		}
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aFutureFailsWhenItsWaitIsOver() {
		try (LockGuard guard = acquire()) {
			for (Duration waitTime : new Duration[] { Duration.ZERO, Duration.ofMillis(30) }) {
				assertThatExceptionOfType(ExecutionException.class)
					.isThrownBy(() -> get(manager().lockAsync(request(waitTime))))
					.havingCause()
					.isInstanceOf(LockTimeoutException.class)
					.withMessageContaining(guard.key());
			}
		}
	}

	@Test
	default void aCancelledRequestIsForgotten() throws Exception {
		LockGuard guard = acquire();
		CompletableFuture<LockGuard> cancelled = manager().lockAsync(request(Eventually.LIMIT));
		CompletableFuture<LockGuard> next = manager().lockAsync(request(Eventually.LIMIT));
		assertThat(cancelled.cancel(true)).isTrue();
		guard.close();
		get(next).close();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aFutureThatItsUserCompletesCountsAsCancelled() throws Exception {
		LockGuard guard = acquire();
		CompletableFuture<LockGuard> timed = manager().lockAsync(request(Eventually.LIMIT))
			.orTimeout(10, TimeUnit.MILLISECONDS);
		CompletableFuture<LockGuard> next = manager().lockAsync(request(Eventually.LIMIT));
		Eventually.until("the user's time limit", timed::isDone);
		guard.close();
		get(next).close();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void cancellingAfterTheGrantChangesNothing() throws Exception {
		CompletableFuture<LockGuard> future = manager().lockAsync(request(Eventually.LIMIT));
		try (LockGuard guard = get(future)) {
			assertThat(future.cancel(true)).isFalse();
			assertThat(guard.isHeld()).isTrue();
			assertThat(isFree()).isFalse();
		}
	}

	@Test
	default void nothingIsHeldHoweverACancellationMeetsAGrant() throws Exception {
		for (int i = 0; i < 200; i++) {
			LockGuard guard = acquire();
			CompletableFuture<LockGuard> future = manager().lockAsync(request(Eventually.LIMIT));
			Background<Boolean> closer = Background.call(() -> {
				guard.close();
				return true;
			});
			if (!future.cancel(true)) {
				get(future).close();
			}
			closer.join();
			Eventually.until("what nobody received is given back", this::isFree);
		}
	}

	@Test
	default void aPromisedCloseReleasesAndLaterOnesDoNothing() throws Exception {
		LockGuard guard = acquire();
		CompletableFuture<LockGuard> next = manager().lockAsync(request(Eventually.LIMIT));
		CompletableFuture<Void> closed = guard.closeAsync();
		assertThat(guard.isHeld()).isFalse();
		get(closed);
		try (LockGuard other = get(next)) {
			guard.close();
			get(guard.closeAsync());
			assertThat(other.isHeld()).isTrue();
			assertThat(isFree()).isFalse();
		}
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aPromisedCloseIsDoneWhenTheKeyIsFree() throws Exception {
		for (int i = 0; i < 20; i++) {
			CompletableFuture<Boolean> free = acquire().closeAsync().thenApply((none) -> isFree());
			assertThat(free).succeedsWithin(Eventually.LIMIT).isEqualTo(true);
		}
	}

	@Test
	default void aLossIsToldByAPromisedClose() {
		LockGuard guard = acquire();
		manager().close();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> get(guard.closeAsync()))
			.havingCause()
			.isInstanceOf(LockLostException.class)
			.withMessageContaining(guard.key());
	}

	@Test
	default void whatDependsOnAFutureMayBlockWithoutStoppingOthers() throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(8);
		CompletableFuture<?>[] blocking = new CompletableFuture<?>[8];
		LockGuard guard = acquire();
		for (int i = 0; i < blocking.length; i++) {
			blocking[i] = manager().lockAsync(shared(Eventually.LIMIT)).thenAccept((granted) -> {
				try (granted) {
					blocked.countDown();
					assertThat(release.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
				}
				catch (InterruptedException ex) {
					throw new AssertionError(ex);
				}
			});
		}
		guard.close();
		assertThat(blocked.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		LockRequest other = LockRequest.of(key() + ".other", Eventually.LIMIT);
		get(manager().lockAsync(other)).close();
		manager().lock(other).close();
		release.countDown();
		get(CompletableFuture.allOf(blocking));
	}

}
