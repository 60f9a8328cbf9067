package org.crossprocesslock.file;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.engine.TimeSource;

/**
 * Free keys that were not taken because another process was next in line. Whoever only
 * tries passes a line that has stood for long: a process in it may be stopped.
 */
final class BarredKeys {

	/**
	 * What was found before that says nothing any more. Long, so that whoever tries once
	 * in some minutes passes a stopped process too.
	 */
	static final Duration REMEMBERED = Duration.ofMinutes(10);

	private final TimeSource time;

	/** When the line was first found closed, by key. */
	private final Map<String, Long> sinceNanos = new ConcurrentHashMap<>();

	private final AtomicLong sweptNanos;

	BarredKeys(TimeSource time) {
		this.time = time;
		this.sweptNanos = new AtomicLong(time.nanos());
	}

	/** Whether the line of the key may be passed. */
	boolean mayBePassed(String key) {
		Long since = this.sinceNanos.get(key);
		long now = this.time.nanos();
		return since != null && !isOld(since, now) && now - since > KeyWait.PATIENCE.toNanos();
	}

	/** The key is free, but others come first. */
	void othersFirst(String key) {
		long now = this.time.nanos();
		this.sinceNanos.merge(key, now, (since, next) -> isOld(since, next) ? next : since);
		long swept = this.sweptNanos.get();
		if (isOld(swept, now) && this.sweptNanos.compareAndSet(swept, now)) {
			this.sinceNanos.values().removeIf((since) -> isOld(since, now));
		}
	}

	/** The line has gone on, or the key is not free. */
	void forget(String key) {
		this.sinceNanos.remove(key);
	}

	int count() {
		return this.sinceNanos.size();
	}

	private static boolean isOld(long since, long now) {
		return now - since > REMEMBERED.toNanos();
	}

}
