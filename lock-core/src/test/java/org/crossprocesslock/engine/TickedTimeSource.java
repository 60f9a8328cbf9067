package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when a test says so, and wraps within a second. */
public final class TickedTimeSource implements TimeSource {

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());

	/**
	 * Lets time pass.
	 * @param duration how much
	 */
	public void pass(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
	}

	@Override
	public long nanos() {
		return this.nanos.get();
	}

	@Override
	public long wallMillis() {
		return this.nanos.get() / 1_000_000;
	}

}
