package org.crossprocesslock.file;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.engine.TimeSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class FileLockManagerTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anEndThatFailsIsSaidAndEndsTheWait(boolean later) {
		Executor soon = CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS);
		CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
			throw new IllegalStateException("no such file system");
		}, later ? soon : Runnable::run);
		try (CapturedLog log = new CapturedLog()) {
			FileLockManager.await(TimeSource.SYSTEM.nanos() + Eventually.LIMIT.toNanos(), end);
			assertThat(log.warnings()).singleElement()
				.asString()
				.contains("Lock files could not be closed; their keys may stay locked", "no such file system");
		}
	}

}
