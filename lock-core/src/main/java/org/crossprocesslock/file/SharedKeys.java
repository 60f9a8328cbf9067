package org.crossprocesslock.file;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.crossprocesslock.memory.KeyedLock;

/**
 * The keys of one directory in this process, shared by all its managers.
 *
 * @param <T> what the guards of one key share
 */
final class SharedKeys<T extends Tenure> {

	private final KeyedLock<T> turns;

	private final DirtyKeys dirty;

	/** For how many requests of a key the file system owes an answer. */
	private final Map<String, Integer> unanswered = new ConcurrentHashMap<>();

	private final Set<FileLockManager<T>> managers = ConcurrentHashMap.newKeySet();

	SharedKeys(Supplier<T> tenures, DirtyKeys dirty) {
		this.turns = new KeyedLock<>(tenures, Tenure::mayBeJoined, Tenure::continues);
		this.dirty = dirty;
	}

	KeyedLock<T> turns() {
		return this.turns;
	}

	DirtyKeys dirty() {
		return this.dirty;
	}

	/** A request of the key has ended before the file system has answered it. */
	void unanswered(String key) {
		this.unanswered.merge(key, 1, Integer::sum);
	}

	/** What such a request has left behind is over. */
	void answered(String key) {
		this.unanswered.computeIfPresent(key, (same, count) -> (count > 1) ? count - 1 : null);
	}

	/** Whether it is not known that anybody has the key who keeps others out. */
	boolean isUnanswered(String key) {
		return this.unanswered.containsKey(key);
	}

	void join(FileLockManager<T> manager) {
		this.managers.add(manager);
	}

	void leave(FileLockManager<T> manager) {
		this.managers.remove(manager);
	}

	/** Declares the guards of some tenures lost, in all managers. */
	void lose(Predicate<T> which, String reason) {
		this.managers.forEach((manager) -> manager.lose(which, reason));
	}

	/** Tells all listeners that nothing of the directory is held any more. */
	void tellLeaseLost(String reason) {
		this.managers.forEach((manager) -> manager.tellLeaseLost(reason));
	}

}
