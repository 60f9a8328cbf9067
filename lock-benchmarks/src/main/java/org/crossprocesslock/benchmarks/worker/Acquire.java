package org.crossprocesslock.benchmarks.worker;

/**
 * Acquires a key and keeps it, waiting for as long as it takes. Answers when it was
 * acquired, by the monotonic clock that the processes of a host share.
 *
 * @param key the key
 */
public record Acquire(String key) implements Task<Long> {

	@Override
	public Long run(TaskRunner runner) throws InterruptedException {
		runner.held().add(runner.locks().acquire(this.key));
		return System.nanoTime();
	}

}
