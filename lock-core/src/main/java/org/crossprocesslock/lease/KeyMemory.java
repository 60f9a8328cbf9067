package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What this process knows of keys. Keys nobody uses are remembered for their dirty flag,
 * the longest unused ones dropped first, so that memory stays bounded however many keys
 * there are. A dropped key counts as held before.
 */
final class KeyMemory {

	static final int REMEMBERED = 10_000;

	private final Map<String, Key> all = new HashMap<>();

	private final LinkedHashMap<String, Key> idle = new LinkedHashMap<>();

	private final Keys keys;

	private final int remembered;

	/** Some keys were held before that are not remembered. */
	private boolean forgotSome;

	/**
	 * Remembers nothing yet.
	 * @param remembered how many keys that nobody uses
	 */
	KeyMemory(Keys keys, int remembered) {
		this.keys = keys;
		this.remembered = remembered;
	}

	/** Of what was before, nothing is remembered. */
	void forgotSome() {
		this.forgotSome = true;
	}

	Key use(String key) {
		this.idle.remove(key);
		return this.all.computeIfAbsent(key, (name) -> new Key(name, this.forgotSome, this.keys));
	}

	@Nullable Key find(String key) {
		return this.all.get(key);
	}

	/** Those in use; a copy, so that what is done to one may end its use. */
	Collection<Key> inUse() {
		List<Key> used = new ArrayList<>(this.all.values());
		used.removeIf((key) -> this.idle.containsKey(key.name));
		return used;
	}

	/** All that are remembered; a copy as well. */
	Collection<Key> all() {
		return List.copyOf(this.all.values());
	}

	/**
	 * Says whether anything goes on about the key. A lost guard still has one that was
	 * dropped, in whose place there may be another of that name.
	 */
	void seen(Key key, boolean unused) {
		if (this.all.get(key.name) != key) {
			return;
		}
		this.idle.remove(key.name);
		if (unused) {
			idle(key);
		}
	}

	private void idle(Key key) {
		if (key.row.isAsNew()) {
			this.all.remove(key.name);
			return;
		}
		this.idle.put(key.name, key);
		if (this.idle.size() > this.remembered) {
			Iterator<String> longestIdle = this.idle.keySet().iterator();
			this.all.remove(longestIdle.next());
			longestIdle.remove();
			this.forgotSome = true;
		}
	}

}
