package org.crossprocesslock.memory;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.StarvedCopy;
import org.crossprocesslock.engine.TimeSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class KeptKeysTests {

	private final KeptKeys kept = new KeptKeys();

	private static LockRequest request(Duration holdAtLeast) {
		return LockRequest.of("key", Duration.ZERO).holdingAtLeast(holdAtLeast);
	}

	@Test
	void theEndOfOneKeepsTheNextOfTheKey() throws Exception {
		var first = this.kept.keep(request(Duration.ofMillis(1)), 1, TimeSource.SYSTEM.nanos());
		var unused = this.kept.keep(request(Duration.ofHours(1)), 2, TimeSource.SYSTEM.nanos());
		first.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		assertThat(this.kept.left("key")).isGreaterThan(Duration.ofMinutes(50));
	}

	@Test
	void aKeyIsKeptAlsoIfThereIsNoThreadToFreeItAndThenFreedByWhoeverComes() throws Exception {
		KeptKeys starved = new KeptKeys((nanos, action) -> {
			throw new OutOfMemoryError("unable to create native thread");
		});
		var over = starved.keep(request(Duration.ofHours(1)), 1, TimeSource.SYSTEM.nanos());
		starved.endIfOver("key");
		assertThat(over).isNotDone();
		assertThat(starved.left("key")).isGreaterThan(Duration.ofMinutes(50));
		var soonOver = starved.keep(request(Duration.ofMillis(50)), 2, TimeSource.SYSTEM.nanos());
		Eventually.until("whoever asks frees it", () -> {
			starved.endIfOver("key");
			return soonOver.isDone();
		});
		assertThat(starved.left("key")).isNull();
	}

	@Test
	void noKeyIsFreeTooEarlyForWantOfAThread() throws Exception {
		try (StarvedCopy copy = new StarvedCopy(); LockManager manager = copy.memory()) {
			copy.starve("cross-process-lock-deadlines");
			long since = TimeSource.SYSTEM.nanos();
			Duration atLeast = Duration.ofMillis(300);
			manager.lock(LockRequest.of("key", Eventually.LIMIT).holdingAtLeast(atLeast)).close();
			Eventually.until("it is free again", () -> {
				var next = manager.tryLock("key");
				next.ifPresent(LockGuard::close);
				return next.isPresent();
			});
			assertThat(TimeSource.SYSTEM.nanos() - since).isGreaterThanOrEqualTo(atLeast.toNanos());
		}
	}

	@Test
	void aKeyWhoseTimeIsOverWhenItIsGivenUpIsNotKept() {
		var over = this.kept.keep(request(Duration.ofHours(1)), 1,
				TimeSource.SYSTEM.nanos() - Duration.ofHours(2).toNanos());
		assertThat(over).isCompleted();
		assertThat(this.kept.left("key")).isNull();
	}

	@Test
	void oneThatAnOperatorFreesLeavesNothingBehind() throws Exception {
		WeakReference<LockRequest> request = new WeakReference<>(keepForAnHour());
		try (MemoryLockManager manager = new MemoryLockManager()) {
			LockInspection inspection = this.kept.shownBy(manager.inspection().orElseThrow());
			assertThat(inspection.release("key", 7)).isTrue();
		}
		Eventually.until("the request is collected", () -> {
			System.gc();
			return request.get() == null;
		});
	}

	/** In a frame of its own, whose end leaves nothing that refers to the request. */
	private LockRequest keepForAnHour() {
		LockRequest request = request(Duration.ofHours(1));
		var unused = this.kept.keep(request, 7, TimeSource.SYSTEM.nanos());
		return request;
	}

}
