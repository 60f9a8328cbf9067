package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeadlineTests {

	@Test
	void anActionThatBlocksDelaysNoOther() throws InterruptedException {
		CountDownLatch end = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		CountDownLatch blocked = new CountDownLatch(1);
		Deadline.after(0, () -> {
			try {
				assertThat(end.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
				blocked.countDown();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		});
		Deadline.after(Duration.ofMillis(1).toNanos(), done::countDown);
		assertThat(done.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		end.countDown();
		assertThat(blocked.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aCancelledOneIsForgottenAtOnce() {
		Deadline deadline = Deadline.after(TimeSource.FOREVER_NANOS, () -> {
		});
		assertThat(deadline.isRemembered()).isTrue();
		deadline.cancel();
		assertThat(deadline.isRemembered()).isFalse();
	}

}
