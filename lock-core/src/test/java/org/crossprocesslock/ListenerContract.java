package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

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
		assertThat(listener.about("granted")).containsExactly("requested", "acquired");
		guard.close();
		guard.close();
		assertThat(listener.about("granted")).containsExactly("requested", "acquired", "released");
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

		assertThat(listener.about("busy")).containsExactly("requested", "BUSY");
		assertThat(listener.about("late")).containsExactly("requested", "TIMED_OUT");
		assertThat(listener.about("cancelled")).containsExactly("requested", "ABANDONED");
		assertThat(listener.about("interrupted")).containsExactly("requested", "ABANDONED");
		assertThat(listener.about("closed")).containsExactly("requested", "FAILED");
		assertThat(listener.about("after")).containsExactly("requested", "FAILED");
		assertThat(listener.about("holder")).containsExactly("requested", "acquired", "lost", "released");
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
			Eventually.until("released " + name,
					() -> !listener.about(name).contains("acquired") || listener.about(name).contains("released"));
			assertThat(listener.about(name)).isIn(List.of("requested", "acquired", "released"),
					List.of("requested", "BUSY"), List.of("requested", "TIMED_OUT"), List.of("requested", "ABANDONED"));
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
