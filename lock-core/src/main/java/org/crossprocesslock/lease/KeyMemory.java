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

	private final Map<String, KeyState> all = new HashMap<>();

	private final LinkedHashMap<String, KeyState> idle = new LinkedHashMap<>();

	private boolean forgotSome;

	KeyState use(String key) {
		this.idle.remove(key);
		return this.all.computeIfAbsent(key, (name) -> new KeyState(name, this.forgotSome));
	}

	@Nullable KeyState find(String key) {
		return this.all.get(key);
	}

	/** Those in use; a copy, so that what is done to one may end its use. */
	Collection<KeyState> inUse() {
		List<KeyState> used = new ArrayList<>(this.all.values());
		used.removeIf((key) -> this.idle.containsKey(key.key));
		return used;
	}

	/**
	 * Those that somebody here waits for while nobody here holds them; a copy as well.
	 */
	List<KeyState> waitedFor() {
		return this.all.values().stream().filter((key) -> !key.waiters.isEmpty() && key.grant == null).toList();
	}

	/** Says that nothing goes on about the key any more. */
	void idle(KeyState key) {
		if (!key.heldBefore && !key.unknownGrant) {
			this.all.remove(key.key);
			return;
		}
		this.idle.put(key.key, key);
		if (this.idle.size() > REMEMBERED) {
			Iterator<String> longestIdle = this.idle.keySet().iterator();
			this.all.remove(longestIdle.next());
			longestIdle.remove();
			this.forgotSome = true;
		}
	}

}
