package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.crossprocesslock.Background;
import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockListener;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

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

	/** Runs what it is given when the test says so. */
	private static final class LaterThread implements Executor {

		private final Deque<Runnable> tasks = new ArrayDeque<>();

		@Override
		public void execute(Runnable task) {
			this.tasks.add(task);
		}

	}

	@Test
	void theListenerDoesNotWaitForItself() {
		this.goesOn.countDown();
		ListenerQueue[] here = new ListenerQueue[1];
		List<String> waits = new ArrayList<>();
		here[0] = new ListenerQueue(new LockListener() {

			@Override
			public void onLeaseLost(String reason) {
				here[0].await(Eventually.LIMIT);
			}

		}, Runnable::run, 0, new TimeSource() {

			@Override
			public long nanos() {
				return 0;
			}

			@Override
			public long wallMillis() {
				return 0;
			}

			@Override
			public boolean await(CountDownLatch latch, Duration limit) {
				return waits.add("waits");
			}

		});
		here[0].onLeaseLost("closes the manager from within");
		assertThat(waits).isEmpty();
	}

	@Test
	void whatIsToldIsNotWaitedForAgain() throws Exception {
		this.goesOn.countDown();
		LaterThread later = new LaterThread();
		ListenerQueue queue = new ListenerQueue(this.listener, later, 0, TimeSource.SYSTEM);
		queue.onBackoff(Duration.ofNanos(1));
		assertThat(later.tasks).hasSize(1);
		Runnable telling = later.tasks.remove();
		assertThat(Background.call(() -> {
			telling.run();
			return true;
		}).join()).isTrue();
		queue.await(Eventually.LIMIT);
		assertThat(later.tasks).as("nothing is left to be waited for").isEmpty();
		queue.onBackoff(Duration.ofNanos(2));
		assertThat(later.tasks).as("a thread for what happens next").hasSize(1);
	}

	@Test
	void oneThreadTellsAllThatHappensBeforeItEnds() {
		this.goesOn.countDown();
		LaterThread later = new LaterThread();
		ListenerQueue[] here = new ListenerQueue[1];
		List<String> heard = new ArrayList<>();
		here[0] = new ListenerQueue(new LockListener() {

			@Override
			public void onLeaseLost(String reason) {
				heard.add(reason);
				if (heard.size() < 3) {
					here[0].onLeaseLost(reason + "+");
				}
			}

		}, later, 0, TimeSource.SYSTEM);
		here[0].onLeaseLost("a");
		here[0].onLeaseLost("b");
		assertThat(later.tasks).hasSize(1);
		later.tasks.remove().run();
		assertThat(heard).containsExactly("a", "b", "a+", "b+");
		assertThat(later.tasks).isEmpty();
	}

	@Test
	void aDropIsToldWhenAThreadCanBeMadeAgain() {
		this.goesOn.countDown();
		LaterThread later = new LaterThread();
		boolean[] exhausted = { true };
		OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");
		ListenerQueue starved = new ListenerQueue(this.listener, (task) -> {
			if (exhausted[0]) {
				throw noThread;
			}
			later.execute(task);
		}, 0, TimeSource.SYSTEM);
		Logger log = (Logger) LoggerFactory.getLogger(ListenerQueue.class);
		// it says each time that there is no thread
		log.setLevel(Level.INFO);
		try {
			for (long i = 0; i < ListenerQueue.CAPACITY; i++) {
				starved.onBackoff(Duration.ofNanos(i));
			}
		}
		finally {
			log.setLevel(null);
		}
		exhausted[0] = false;
		starved.onBackoff(Duration.ofNanos(-1));
		assertThat(later.tasks).as("a thread, though the event does not fit").hasSize(1);
		later.tasks.remove().run();
		assertThat(this.listener.heard).hasSize(ListenerQueue.CAPACITY).doesNotContain(-1L);
		assertThat(this.listener.dropped).hasValue(1);
	}

	@Test
	void aBrokenLogIsNobodysTrouble() throws Exception {
		LaterThread later = new LaterThread();
		List<String> heard = new ArrayList<>();
		ListenerQueue queue = new ListenerQueue(new LockListener() {

			@Override
			public void onLeaseLost(String reason) {
				heard.add(reason);
				throw new IllegalStateException("a listener that fails");
			}

		}, later, 0, TimeSource.SYSTEM);
		queue.onLeaseLost("first");
		try (BrokenLog log = new BrokenLog(ListenerQueue.class)) {
			later.tasks.remove().run();
			assertThat(log.asked()).containsExactly("WARN");
		}
		queue.onLeaseLost("second");
		assertThat(later.tasks).hasSize(1);
		later.tasks.remove().run();
		assertThat(heard).containsExactly("first", "second");
		// not on the thread that has told
		assertThat(Background.call(() -> {
			queue.await(Eventually.LIMIT.dividedBy(2));
			return later.tasks.isEmpty();
		}).join()).as("nothing is left to be waited for").isTrue();
	}

}
