package org.crossprocesslock.lease.jdbc;

import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.Background;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TimedCallTests {

	/** Of which a call has a quarter for sending. */
	private static final Limits SHORT = Limits.of(Duration.ofMillis(40));

	@Test
	void nothingIsWaitedForPastTheTimeOfTheCallHoweverLongItMayTake() {
		assertThatExceptionOfType(SQLTimeoutException.class).isThrownBy(() -> Background.call(() -> {
			try (TimedCall call = new TimedCall(SHORT)) {
				return call.await(new CompletableFuture<>(), Duration.ofHours(1));
			}
		}).join()).withMessage("no answer from the database within 10 ms");
	}

	@Test
	void anInterruptOfAWaitIsHeldBackUntilTheCallIsOver() throws Exception {
		try (TimedCall call = new TimedCall(SHORT)) {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(SQLTimeoutException.class)
				.isThrownBy(() -> call.await(new CompletableFuture<>(), Duration.ofMillis(1)));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void soIsOneOnTheWayToTheLockOfAConnection() throws Exception {
		ReentrantLock lock = new ReentrantLock();
		try (TimedCall call = new TimedCall(Limits.of(Duration.ofMinutes(1)))) {
			Thread.currentThread().interrupt();
			call.enter(lock);
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
		assertThat(Thread.interrupted()).isTrue();
		assertThat(lock.isHeldByCurrentThread()).isTrue();
	}

}
