package org.crossprocesslock.faults;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;

/** A thread that takes one key after the other and records what its guards say. */
final class SectionWorker implements Runnable {

	private static final long LOOK_MILLIS = 10;

	private static final long LONGEST_BREAK_MILLIS = 30;

	/** One section in this many is shared. */
	private static final int SHARED = 6;

	/** One section in this many may last longer than the lease does without a renewal. */
	private static final int LONG = 15;

	private final String process;

	private final LockManager manager;

	private final SectionRecord record;

	private final Shift shift;

	private final LongAdder losses;

	SectionWorker(String process, LockManager manager, SectionRecord record, Shift shift, LongAdder losses) {
		this.process = process;
		this.manager = manager;
		this.record = record;
		this.shift = shift;
		this.losses = losses;
	}

	@Override
	public void run() {
		try {
			while (this.shift.begin()) {
				try {
					work();
				}
				finally {
					this.shift.end();
				}
				Thread.sleep(ThreadLocalRandom.current().nextLong(LONGEST_BREAK_MILLIS));
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("nobody interrupts a worker", ex);
		}
	}

	private void work() throws InterruptedException {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		String key = Assignment.KEYS.get(random.nextInt(Assignment.KEYS.size()));
		boolean shared = random.nextInt(SHARED) == 0;
		long nanos = (random.nextInt(LONG) == 0) ? random.nextLong(Assignment.LONGEST_SECTION.toNanos())
				: random.nextLong(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
		LockRequest request = LockRequest.of(key, Assignment.WAIT_TIME)
			.withMode(shared ? LockMode.SHARED_IN_PROCESS : LockMode.EXCLUSIVE);
		try (LockGuard guard = this.manager.tryLock(request).orElse(null)) {
			if (guard != null) {
				hold(guard, shared, nanos);
			}
		}
		catch (LockLostException ex) {
			this.losses.increment();
		}
		catch (LockStoreException ex) {
			// what the faults are for; the pause is all that a caller would do about it
			Thread.sleep(LONGEST_BREAK_MILLIS);
		}
	}

	/** The clock is read before the guard is asked: what it confirms was true by then. */
	private void hold(LockGuard guard, boolean shared, long nanos) throws InterruptedException {
		long begin = System.nanoTime();
		long now = begin;
		while (guard.isHeld()) {
			this.record.write(new Section(this.process, guard.key(), guard.fencingToken(), shared, begin, now));
			if (now - begin >= nanos) {
				return;
			}
			Thread.sleep(LOOK_MILLIS);
			now = System.nanoTime();
		}
	}

}
