package org.crossprocesslock.file;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which keys may have been held by another process since this one last did. Remembers a
 * bounded number of keys; one that was forgotten counts as dirty. Safe from any thread.
 */
final class DirtyKeys {

	static final int REMEMBERED = 10_000;

	private record Memory(long lastToken, boolean dirty) {

	}

	private final ReentrantLock lock = new ReentrantLock();

	private final LinkedHashMap<String, Memory> memories = new LinkedHashMap<>(16, 0.75f, true);

	private boolean forgotSome;

	/**
	 * Says that this process has acquired the key.
	 * @param key the key
	 * @param tokenBefore the last token of the key that anybody was given
	 * @param token the token of this acquisition
	 * @return whether another process may have held it since this one last did
	 */
	boolean acquired(String key, long tokenBefore, long token) {
		this.lock.lock();
		try {
			Memory memory = this.memories.get(key);
			boolean others = memory == null || memory.lastToken() != tokenBefore;
			boolean dirty = (memory != null) ? memory.dirty() || others : this.forgotSome;
			remember(key, new Memory(token, dirty));
			return others;
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isDirty(String key) {
		this.lock.lock();
		try {
			Memory memory = this.memories.get(key);
			return (memory != null) ? memory.dirty() : this.forgotSome;
		}
		finally {
			this.lock.unlock();
		}
	}

	void clear(String key) {
		this.lock.lock();
		try {
			Memory memory = this.memories.get(key);
			remember(key, new Memory((memory != null) ? memory.lastToken() : 0, false));
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Says that others may have held any key. */
	void markAll() {
		this.lock.lock();
		try {
			this.memories.replaceAll((key, memory) -> new Memory(memory.lastToken(), true));
		}
		finally {
			this.lock.unlock();
		}
	}

	private void remember(String key, Memory memory) {
		this.memories.put(key, memory);
		if (this.memories.size() > REMEMBERED) {
			Iterator<String> longestUnused = this.memories.keySet().iterator();
			longestUnused.next();
			longestUnused.remove();
			this.forgotSome = true;
		}
	}

}
