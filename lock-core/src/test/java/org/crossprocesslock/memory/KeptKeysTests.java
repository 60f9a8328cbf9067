package org.crossprocesslock.memory;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockRequest;
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
