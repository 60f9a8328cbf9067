package org.crossprocesslock.test;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.crossprocesslock.LockGuard;

/**
 * What was granted during a call.
 */
final class GrantedKeys {

	private final Queue<LockGuard> guards = new ConcurrentLinkedQueue<>();

	void add(LockGuard guard) {
		this.guards.add(guard);
	}

	List<String> all() {
		return this.guards.stream().map(LockGuard::key).toList();
	}

	List<String> stillHeld() {
		return this.guards.stream().filter(LockGuard::isHeld).map(LockGuard::key).toList();
	}

}
