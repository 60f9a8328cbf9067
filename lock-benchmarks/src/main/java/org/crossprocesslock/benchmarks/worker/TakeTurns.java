package org.crossprocesslock.benchmarks.worker;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.crossprocesslock.benchmarks.contender.Acquired;
import org.crossprocesslock.benchmarks.contender.Locks;

/**
 * Has each member of a fleet wait for one key, hold it for a moment, and wait again.
 *
 * @param key the key
 * @param hold for how long it is held
 * @param until when nobody asks for it again, by the monotonic clock that the processes
 * of a host share
 */
public record TakeTurns(String key, Duration hold, long until) implements Task<TakeTurns.Taken> {

	/**
	 * What the members have had.
	 *
	 * @param turns when each of them has held the key
	 */
	public record Taken(ArrayList<Turns> turns) implements Serializable {

	}

	@Override
	public Taken run(TaskRunner runner) throws Exception {
		List<Locks> fleet = List.copyOf(runner.fleet());
		ExecutorService executor = Executors.newFixedThreadPool(Math.max(1, fleet.size()));
		try {
			List<Callable<Turns>> members = new ArrayList<>();
			fleet.forEach((locks) -> members.add(() -> take(locks)));
			ArrayList<Turns> turns = new ArrayList<>();
			for (Future<Turns> member : executor.invokeAll(members)) {
				turns.add(member.get());
			}
			return new Taken(turns);
		}
		finally {
			executor.shutdown();
		}
	}

	private Turns take(Locks locks) throws InterruptedException {
		Turns turns = new Turns();
		while (System.nanoTime() - this.until < 0) {
			Acquired held = locks.acquire(this.key);
			long acquired = System.nanoTime();
			Thread.sleep(this.hold.toMillis());
			long released = System.nanoTime();
			held.release();
			turns.add(acquired, released, held.fencingToken());
		}
		return turns;
	}

}
