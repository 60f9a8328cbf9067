package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockListener;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ListenerQueueTests {

	/** Hears pauses only, since they can be told apart. */
	private static final class Pauses implements LockListener {

		private final List<Long> heard = Collections.synchronizedList(new ArrayList<>());

		private final AtomicLong dropped = new AtomicLong();

		private final CountDownLatch goesOn;

		Pauses(CountDownLatch goesOn) {
			this.goesOn = goesOn;
		}

		@Override
		public void onBackoff(Duration pause) {
			try {
				assertThat(this.goesOn.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
			this.heard.add(pause.toNanos());
		}

		@Override
		public void onDropped(long events) {
			this.dropped.addAndGet(events);
		}

	}

	private final CountDownLatch goesOn = new CountDownLatch(1);

	private final Pauses listener = new Pauses(this.goesOn);

	private final ListenerQueue queue = new ListenerQueue(this.listener);

	@Test
	void eventsAreHeardInOrderAlsoAfterARest() throws Exception {
		this.goesOn.countDown();
		// the thread rests almost at once, so that most events must wake it
		ListenerQueue resting = new ListenerQueue(this.listener,
				(task) -> EngineThreads.daemon("cross-process-lock-test", task).start(), 1, TimeSource.SYSTEM);
		List<Long> told = new ArrayList<>();
		for (long i = 0; i < 200; i++) {
			resting.onBackoff(Duration.ofNanos(i));
			told.add(i);
			Eventually.until("all is heard", () -> this.listener.heard.equals(told));
		}
	}

	@Test
	void whatDoesNotFitIsCountedAndTold() throws Exception {
		try (CapturedLog log = new CapturedLog()) {
			int more = 7;
			for (long i = 0; i < ListenerQueue.CAPACITY + more; i++) {
				this.queue.onBackoff(Duration.ofNanos(i));
			}
			Eventually.until("the user is warned",
					() -> log.warnings().anyMatch((line) -> line.contains(Pauses.class.getName() + " is blocked")));
			this.goesOn.countDown();
			Eventually.until("the drop is told", () -> this.listener.dropped.get() == more);
			assertThat(this.listener.heard).hasSize(ListenerQueue.CAPACITY).startsWith(0L, 1L, 2L);
			Eventually.until("the end is logged",
					() -> log.warnings().anyMatch((line) -> line.contains("7 events were dropped")));
		}
	}

	@Test
	void aClosingThreadWaitsUntilAllIsHeardButNotForEver() {
		this.queue.onBackoff(Duration.ofNanos(1));
		this.queue.await(Duration.ofMillis(20));
		assertThat(this.listener.heard).isEmpty();
		this.goesOn.countDown();
		this.queue.await(Eventually.LIMIT);
		assertThat(this.listener.heard).containsExactly(1L);
	}

	@Test
	void whatHappensWhileNoThreadCanBeMadeIsHeardLater() {
		this.goesOn.countDown();
		boolean[] exhausted = { true };
		ListenerQueue starved = new ListenerQueue(this.listener, (task) -> {
			if (exhausted[0]) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			task.run();
		}, 0, TimeSource.SYSTEM);
		starved.onBackoff(Duration.ofNanos(1));
		assertThat(this.listener.heard).isEmpty();
		exhausted[0] = false;
		starved.onBackoff(Duration.ofNanos(2));
		assertThat(this.listener.heard).containsExactly(1L, 2L);
	}

}
