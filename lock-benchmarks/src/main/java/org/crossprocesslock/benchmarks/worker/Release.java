package org.crossprocesslock.benchmarks.worker;

import org.crossprocesslock.benchmarks.contender.Acquired;

/**
 * Releases the key that was acquired first. Answers when that was begun, by the monotonic
 * clock that the processes of a host share.
 */
public record Release() implements Task<Long> {

	@Override
	public Long run(TaskRunner runner) {
		Acquired held = runner.held().remove();
		long begun = System.nanoTime();
		held.release();
		return begun;
	}

}
