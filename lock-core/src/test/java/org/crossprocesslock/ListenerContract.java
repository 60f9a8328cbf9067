package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** What a listener hears: one end for each request. */
interface ListenerContract extends ContractFixture {

	private LockRequest named(String name, Duration waitTime) {
		return request(waitTime).withName(name);
	}

	@Test
	default void aGrantIsToldAndItsRelease() throws InterruptedException {
		RecordingListener listener = new RecordingListener();
		LockManager manager = manager(listener);
		LockGuard guard = manager.lock(named("granted", Duration.ZERO));
		listener.hears("granted", "requested", "acquired");
		guard.close();
		guard.close();
		listener.hears("granted", "requested", "acquired", "released");
	}

	@Test
	default void aRefusalIsToldWithItsReason() throws Exception {
		RecordingListener listener = new RecordingListener();
		LockManager manager = manager(listener);
		LockGuard guard = manager.lock(named("holder", Duration.ZERO));
		assertThat(manager.tryLock(named("busy", Duration.ZERO))).isEmpty();
		assertThat(manager.tryLock(named("late", Duration.ofMillis(20)))).isEmpty();
		manager.lockAsync(named("cancelled", Eventually.LIMIT)).cancel(true);
		Background<LockGuard> interrupted = Background.call(() -> manager.lock(named("interrupted", Eventually.LIMIT)))
			.untilItWaits();
		interrupted.interrupt();
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(interrupted::join);
		Background<LockGuard> closed = Background.call(() -> manager.lock(named("closed", Eventually.LIMIT)))
			.untilItWaits();
		manager.close();
		assertThatIllegalStateException().isThrownBy(closed::join);
		assertThatIllegalStateException().isThrownBy(() -> manager.lock(named("after", Duration.ZERO)));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);

		listener.hears("busy", "requested", "BUSY");
		listener.hears("late", "requested", "TIMED_OUT");
		listener.hears("cancelled", "requested", "ABANDONED");
		listener.hears("interrupted", "requested", "ABANDONED");
		listener.hears("closed", "requested", "FAILED");
		listener.hears("after", "requested", "FAILED");
		listener.hears("holder", "requested", "acquired", "lost", "released");
	}

	@Test
	default void everyRequestHasExactlyOneEndHoweverCallersGiveUp() throws Exception {
		RecordingListener listener = new RecordingListener();
		LockManager manager = manager(listener);
		Random random = new Random(42);
		int requests = 300;
		List<CompletableFuture<?>> ends = new ArrayList<>();
		for (int i = 0; i < requests; i++) {
			CompletableFuture<LockGuard> future = manager
				.lockAsync(named("r" + i, Duration.ofMillis(random.nextInt(30))));
			ends.add(future.thenAccept(LockGuard::close).handle((done, failure) -> failure));
			if (random.nextInt(3) == 0) {
				Background.call(() -> future.cancel(true));
			}
		}
		for (CompletableFuture<?> end : ends) {
			Eventually.until("the request has ended", end::isDone);
		}
		for (int i = 0; i < requests; i++) {
			String name = "r" + i;
			Eventually.until("the end of " + name + " is told", () -> {
				List<String> heard = listener.about(name);
				return heard.size() > (heard.contains("acquired") ? 2 : 1);
			});
			assertThat(listener.about(name)).isIn(List.of("requested", "acquired", "released"),
					List.of("requested", "BUSY"), List.of("requested", "TIMED_OUT"), List.of("requested", "ABANDONED"));
		}
	}

	@Test
	default void aListenerThatBlocksHoldsUpNothing() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		LockManager manager = manager(new BlockingListener(end));
		try {
			LockGuard guard = manager.lock(request(Duration.ZERO));
			assertThat(manager.tryLock(request(Duration.ofMillis(5)))).isEmpty();
			CompletableFuture<LockGuard> next = manager.lockAsync(request(Eventually.LIMIT));
			guard.close();
			CountDownLatch lost = new CountDownLatch(1);
			next.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).onLost(lost::countDown);
			manager.close();
			assertThat(lost.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		finally {
			end.countDown();
		}
	}

	@Test
	default void theListenerHearsOfAReleaseBeforeTheNextGrant() throws Exception {
		RecordingListener listener = new RecordingListener();
		LockManager manager = manager(listener);
		int turns = 200;
		LockGuard guard = manager.lock(named("t", Duration.ZERO));
		for (int i = 0; i < turns; i++) {
			CompletableFuture<LockGuard> next = manager.lockAsync(named("t", Eventually.LIMIT));
			guard.close();
			guard = next.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}
		guard.close();
		Eventually.until("the last release is heard", () -> listener.about("t").size() == 3 * (turns + 1));
		List<String> held = listener.about("t").stream().filter((word) -> !word.equals("requested")).toList();
		for (int i = 0; i < held.size(); i++) {
			assertThat(held.get(i)).as("event %s", i).isEqualTo((i % 2 == 0) ? "acquired" : "released");
		}
	}

	@Test
	default void aListenerThatFailsChangesNothing() throws Exception {
		LockManager manager = manager(new FailingListener());
		LockGuard guard = manager.lock(request(Duration.ZERO));
		assertThat(manager.tryLock(request(Duration.ofMillis(5)))).isEmpty();
		CompletableFuture<LockGuard> next = manager.lockAsync(request(Eventually.LIMIT));
		guard.close();
		Eventually.until("granted", next::isDone);
		manager.close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(next.get()::close);
	}

}
