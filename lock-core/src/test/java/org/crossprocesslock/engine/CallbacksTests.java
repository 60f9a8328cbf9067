package org.crossprocesslock.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.FailingListener;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CallbacksTests {

	private static final Executor NEVER = (look) -> {
	};

	private static final Executor THREADS = (task) -> EngineThreads.daemon("cross-process-lock-test", task).start();

	@Test
	void callbacksThatBlockHaveBoundedThreadsAndTheOthersFollow() throws InterruptedException {
		int callbacks = 3000;
		CountDownLatch end = new CountDownLatch(1);
		CountDownLatch begun = new CountDownLatch(Callbacks.MOST_THREADS);
		CountDownLatch done = new CountDownLatch(callbacks);
		Set<Thread> threads = ConcurrentHashMap.newKeySet();
		Callbacks losses = new Callbacks(THREADS, Callbacks.MOST_THREADS, NEVER);
		for (int i = 0; i < callbacks; i++) {
			boolean fails = i < Callbacks.MOST_THREADS / 2;
			losses.run(() -> {
				threads.add(Thread.currentThread());
				begun.countDown();
				await(end);
				done.countDown();
				if (fails) {
					throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
				}
			});
		}
		assertThat(begun.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		CountDownLatch future = new CountDownLatch(1);
		Callbacks.FUTURES.run(future::countDown);
		assertThat(future.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		end.countDown();
		assertThat(done.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(threads).hasSizeLessThanOrEqualTo(Callbacks.MOST_THREADS);
		CountDownLatch next = new CountDownLatch(1);
		losses.run(next::countDown);
		assertThat(next.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aCallbackThatIsNotedIsNotRefusedAndRunsOnce() {
		AtomicBoolean fails = new AtomicBoolean(true);
		List<String> ran = new ArrayList<>();
		Callbacks callbacks = new Callbacks(Runnable::run, 1, NEVER, new ConcurrentLinkedQueue<>() {

			@Override
			public boolean isEmpty() {
				if (fails.getAndSet(false)) {
					throw new OutOfMemoryError("simulated");
				}
				return super.isEmpty();
			}

		});
		callbacks.run(() -> ran.add("first"));
		assertThat(ran).isEmpty();
		callbacks.run(() -> ran.add("second"));
		assertThat(ran).containsExactly("first", "second");
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void callbacksForWhichThereIsNoThreadRunWhenOneCanBeMade() throws InterruptedException {
		boolean[] exhausted = { true };
		Callbacks starved = new Callbacks((task) -> {
			if (exhausted[0]) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			THREADS.execute(task);
		}, 1, NEVER);
		CountDownLatch done = new CountDownLatch(2);
		starved.run(done::countDown);
		starved.run(done::countDown);
		starved.takeUp();
		assertThat(done.getCount()).isEqualTo(2);
		exhausted[0] = false;
		starved.takeUp();
		assertThat(done.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void oneThatFailsCostsNoThreadAlsoIfTheLogIsBroken() {
		Callbacks callbacks = new Callbacks(Runnable::run, 1, NEVER);
		List<String> called = new ArrayList<>();
		try (BrokenLog log = new BrokenLog(Callbacks.class)) {
			callbacks.run(() -> {
				callbacks.run(() -> called.add("one that waits"));
				throw new IllegalStateException("of the user");
			});
			assertThat(log.asked()).containsExactly("ERROR");
		}
		callbacks.run(() -> called.add("the next"));
		assertThat(called).containsExactly("one that waits", "the next");
	}

	@Test
	void thoseThatAllWaitForALaterOneGetAFurtherThread() throws InterruptedException {
		Queue<Runnable> looks = new ConcurrentLinkedQueue<>();
		Callbacks callbacks = new Callbacks(THREADS, 2, looks::add);
		CountDownLatch begun = new CountDownLatch(2);
		CountDownLatch later = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(2);
		for (int i = 0; i < 2; i++) {
			callbacks.run(() -> {
				begun.countDown();
				await(later);
				done.countDown();
			});
		}
		await(begun);
		callbacks.run(later::countDown);
		assertThat(looks).hasSize(1);
		looks.remove().run();
		await(done);
	}

	@Test
	void thereIsNoFurtherThreadWhileAnyGoesOn() throws InterruptedException {
		Queue<Runnable> looks = new ConcurrentLinkedQueue<>();
		Set<Thread> threads = ConcurrentHashMap.newKeySet();
		Callbacks callbacks = new Callbacks(THREADS, 1, looks::add);
		CountDownLatch first = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		CountDownLatch second = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		callbacks.run(() -> await(first));
		callbacks.run(() -> {
			second.countDown();
			threads.add(Thread.currentThread());
			await(end);
		});
		callbacks.run(() -> {
			threads.add(Thread.currentThread());
			done.countDown();
		});
		first.countDown();
		await(second);
		looks.remove().run();
		assertThat(looks).as("it is looked at again").hasSize(1);
		end.countDown();
		await(done);
		assertThat(threads).hasSize(1);
	}

	@Test
	void callbacksForWhichThereIsNoThreadAreLookedAfterByThemselves() throws InterruptedException {
		Queue<Runnable> looks = new ConcurrentLinkedQueue<>();
		boolean[] exhausted = { true };
		Callbacks starved = new Callbacks((task) -> {
			if (exhausted[0]) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			THREADS.execute(task);
		}, 1, looks::add);
		CountDownLatch done = new CountDownLatch(1);
		starved.run(done::countDown);
		exhausted[0] = false;
		looks.remove().run();
		await(done);
	}

	@Test
	void whatNobodyWillLookAfterIsDoneWhereItComesUp() throws Exception {
		Executor none = (task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		};
		Callbacks starved = new Callbacks(none, 1, none);
		List<String> ran = new ArrayList<>();
		try (BrokenLog log = new BrokenLog(Callbacks.class)) {
			starved.run(() -> ran.add("of a user"));
			starved.runOrHere(() -> ran.add("a future"));
			assertThat(log.asked()).contains("DEBUG");
		}
		assertThat(ran).containsExactly("a future");
		Thread own = EngineThreads.daemon("cross-process-lock-test",
				() -> starved.runOrHere(() -> ran.add("on a thread that others wait for")));
		own.start();
		own.join();
		assertThat(ran).containsExactly("a future");
	}

	@Test
	void anInterruptOfOneIsNoneForTheNext() {
		Callbacks callbacks = new Callbacks(Runnable::run, 1, NEVER);
		List<Boolean> interrupted = new ArrayList<>();
		callbacks.run(() -> {
			callbacks.run(() -> interrupted.add(Thread.currentThread().isInterrupted()));
			Thread.currentThread().interrupt();
		});
		assertThat(interrupted).containsExactly(false);
	}

}
