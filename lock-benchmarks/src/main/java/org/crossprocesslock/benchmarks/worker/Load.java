package org.crossprocesslock.benchmarks.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.crossprocesslock.benchmarks.contender.Acquired;
import org.crossprocesslock.benchmarks.contender.Locks;

/**
 * Threads that acquire and release keys one after the other, as fast as they can. Counts
 * only what ends within a window, so that all processes and threads are under way in it.
 *
 * @param keys the keys
 * @param choice which key a thread takes
 * @param threads how many threads
 * @param from when the window begins, by the monotonic clock that the processes of a host
 * share
 * @param length how long the window is
 */
public record Load(List<String> keys, Choice choice, int threads, long from,
		Duration length) implements Task<LoadResult> {

	/** Which key a thread takes. */
	public enum Choice {

		/** Always the same, its own as long as there are enough. */
		OWN,

		/** Any, a new one each time. */
		RANDOM

	}

	@Override
	public LoadResult run(TaskRunner runner) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(this.threads);
		try {
			List<Callable<LoadResult.OfAThread>> loops = new ArrayList<>();
			for (int i = 0; i < this.threads; i++) {
				int number = i;
				loops.add(() -> loop(runner.locks(), number));
			}
			List<LoadResult.OfAThread> results = new ArrayList<>();
			for (Future<LoadResult.OfAThread> result : executor.invokeAll(loops)) {
				results.add(result.get());
			}
			return new LoadResult(results);
		}
		finally {
			executor.shutdown();
		}
	}

	private LoadResult.OfAThread loop(Locks locks, int number) throws InterruptedException {
		SplittableRandom random = new SplittableRandom();
		LoadResult.OfAThread result = new LoadResult.OfAThread(new LongList(), new Sections());
		long end = this.from + this.length.toNanos();
		while (System.nanoTime() - end < 0) {
			int key = (this.choice == Choice.OWN) ? number % this.keys.size() : random.nextInt(this.keys.size());
			long asked = System.nanoTime();
			Acquired held = locks.acquire(this.keys.get(key));
			long acquired = System.nanoTime();
			long released = System.nanoTime();
			held.release();
			long done = System.nanoTime();
			result.sections().add(key, acquired, released, held.fencingToken());
			if (done - this.from >= 0 && done - end <= 0) {
				result.pairNanos().add(done - asked);
			}
		}
		return result;
	}

}
