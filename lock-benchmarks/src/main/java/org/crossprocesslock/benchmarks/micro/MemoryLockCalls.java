package org.crossprocesslock.benchmarks.micro;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.memory.MemoryLockManager;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A lock in the memory of the process, beside the JDK's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MemoryLockCalls {

	private static final Duration WAIT_TIME = Duration.ofMinutes(1);

	private final LockManager manager = new MemoryLockManager();

	private final ReentrantLock lock = new ReentrantLock(true);

	private long counter;

	/** With a lock of this library. */
	@Benchmark
	public long memoryLock() throws InterruptedException {
		try (LockGuard guard = this.manager.lock("key", WAIT_TIME)) {
			return this.counter++;
		}
	}

	/** With a lock of the JDK, as fair as this library's. */
	@Benchmark
	public long reentrantLock() throws InterruptedException {
		if (!this.lock.tryLock(WAIT_TIME.toNanos(), TimeUnit.NANOSECONDS)) {
			throw new IllegalStateException("Waited for " + WAIT_TIME);
		}
		try {
			return this.counter++;
		}
		finally {
			this.lock.unlock();
		}
	}

}
