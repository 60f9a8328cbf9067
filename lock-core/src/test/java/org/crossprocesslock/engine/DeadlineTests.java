package org.crossprocesslock.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.FailingListener;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeadlineTests {

	@Test
	void anActionThatFailsDelaysNoOther() throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		try (CapturedLog log = new CapturedLog()) {
			Deadline.after(0, () -> {
				throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
			});
			Deadline.after(Duration.ofMillis(1).toNanos(), done::countDown);
			assertThat(done.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			assertThat(log.errors())
				.anyMatch((line) -> line.contains("please report this") && line.contains("checked"));
		}
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
