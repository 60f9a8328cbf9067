package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.Eventually;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TimerThreadTests {

	private static final long AN_HOUR = Duration.ofHours(1).toNanos();

	private final String name = "cross-process-lock-" + UUID.randomUUID();

	private final AtomicInteger turns = new AtomicInteger();

	private final AtomicLong rest = new AtomicLong(AN_HOUR);

	private final TimerThread timer = new TimerThread(this.name, () -> {
		this.turns.incrementAndGet();
		return this.rest.get();
	});

	private Thread started() throws InterruptedException {
		this.timer.start();
		Thread thread = StoreThreadTests.named(this.name);
		awaitRest(thread);
		return thread;
	}

	private static void awaitRest(Thread thread) throws InterruptedException {
		Eventually.until("it rests", () -> thread.getState() == Thread.State.TIMED_WAITING);
	}

	@AfterEach
	void end() {
		this.rest.set(Timer.OVER);
		this.timer.wake();
	}

	@Test
	void aTurnComesAtTheStartAndAfterEachWakeUp() throws Exception {
		Thread thread = started();
		for (int i = 0; i < 3; i++) {
			int before = this.turns.get();
			assertThat(before).isPositive();
			this.timer.wake();
			Eventually.until("a turn was taken", () -> this.turns.get() > before);
			awaitRest(thread);
		}
	}

	@Test
	void aTurnComesWhenTheRestIsOver() throws Exception {
		this.rest.set(1);
		this.timer.start();
		Eventually.until("it takes turns by itself", () -> this.turns.get() > 3);
	}

	@Test
	void oneThatFailsIsNotTheLast() throws Exception {
		AtomicInteger failing = new AtomicInteger();
		TimerThread timer = new TimerThread(this.name, () -> {
			if (failing.incrementAndGet() == 1) {
				throw new OutOfMemoryError("for a moment");
			}
			return Timer.OVER;
		});
		timer.start();
		Eventually.until("another turn was taken", () -> failing.get() > 1);
	}

	@Test
	void thereIsNoneAfterTheLast() throws Exception {
		Thread thread = started();
		this.rest.set(Timer.OVER);
		this.timer.wake();
		thread.join(Eventually.LIMIT.toMillis());
		assertThat(thread.isAlive()).isFalse();
	}

	@Test
	void anInterruptKeepsItFromNothing() throws Exception {
		Thread thread = started();
		thread.interrupt();
		Eventually.until("it has taken no notice", () -> this.turns.get() > 1 && !thread.isInterrupted());
		awaitRest(thread);
	}

}
