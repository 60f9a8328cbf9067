package org.crossprocesslock.lease.jdbc;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.engine.TimeSource;

/** Time that passes when a test says so. */
final class TickedTimeSource implements TimeSource {

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());

	void pass(Duration duration) {
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
