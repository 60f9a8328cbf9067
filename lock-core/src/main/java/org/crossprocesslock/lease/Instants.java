package org.crossprocesslock.lease;

import org.crossprocesslock.engine.TimeSource;

/**
 * One reading of this host's two clocks, taken before a statement is sent or when an
 * event is handled.
 *
 * @param nanos the monotonic clock
 * @param wallMillis the wall clock
 */
record Instants(long nanos, long wallMillis) {

	static Instants of(TimeSource time) {
		return new Instants(time.nanos(), time.wallMillis());
	}

	boolean isBefore(long otherNanos) {
		return this.nanos - otherNanos < 0;
	}

}
