package org.crossprocesslock.file;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.crossprocesslock.engine.TimeSource;

/**
 * Free keys that were not taken because another process was next in line. Whoever only
 * tries passes a line that has stood for long: a process in it may be stopped. What was
 * found is remembered however long ago that was, so that whoever tries once a day passes
 * it too: to pass a line that has moved since is only unfair.
 */
final class BarredKeys {

	/** Of more keys all are forgotten. */
	static final int MOST = 10_000;

	private final TimeSource time;

	/** When the line was first found closed, by key. */
	private final Map<String, Long> sinceNanos = new ConcurrentHashMap<>();

	BarredKeys(TimeSource time) {
		this.time = time;
	}

	/** Whether the line of the key may be passed. */
	boolean mayBePassed(String key) {
		Long since = this.sinceNanos.get(key);
		return since != null && this.time.nanos() - since > KeyWait.PATIENCE.toNanos();
	}

	/** The key is free, but others come first. */
	void othersFirst(String key) {
		if (this.sinceNanos.size() >= MOST && !this.sinceNanos.containsKey(key)) {
			this.sinceNanos.clear();
		}
		this.sinceNanos.putIfAbsent(key, this.time.nanos());
	}

	/** The line has gone on, or the key is not free. */
	void forget(String key) {
		this.sinceNanos.remove(key);
	}

	int count() {
		return this.sinceNanos.size();
	}

}
