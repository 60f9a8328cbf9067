package org.crossprocesslock.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.FailingListener;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CallbacksTests {

	@Test
	void callbacksThatBlockHaveBoundedThreadsAndTheOthersFollow() throws InterruptedException {
		int callbacks = 3000;
		CountDownLatch end = new CountDownLatch(1);
		CountDownLatch begun = new CountDownLatch(Callbacks.MOST_THREADS);
		CountDownLatch done = new CountDownLatch(callbacks);
		Set<Thread> threads = ConcurrentHashMap.newKeySet();
		for (int i = 0; i < callbacks; i++) {
			boolean fails = i < Callbacks.MOST_THREADS / 2;
			Callbacks.LOSSES.run(() -> {
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
		Callbacks.LOSSES.run(next::countDown);
		assertThat(next.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
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
			EngineThreads.daemon("cross-process-lock-test", task).start();
		}, 1);
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
		Callbacks callbacks = new Callbacks((task) -> {
			try {
				task.run();
			}
			catch (IllegalStateException ex) {
				assertThat(ex).hasMessage("the log is broken");
			}
		}, 1);
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
	void anInterruptOfOneIsNoneForTheNext() {
		Callbacks callbacks = new Callbacks(Runnable::run, 1);
		List<Boolean> interrupted = new ArrayList<>();
		callbacks.run(() -> {
			callbacks.run(() -> interrupted.add(Thread.currentThread().isInterrupted()));
			Thread.currentThread().interrupt();
		});
		assertThat(interrupted).containsExactly(false);
	}

}
