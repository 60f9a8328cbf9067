package org.crossprocesslock.file;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.memory.KeyedLock;

/**
 * The keys of one directory in this process, shared by all its managers.
 *
 * @param <T> what the guards of one key share
 */
final class SharedKeys<T extends Tenure> {

	/**
	 * So long a file system may take for an answer, also if nobody waits for as long: one
	 * attempt takes its time.
	 */
	static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

	private final KeyedLock<T> turns;

	private final DirtyKeys dirty;

	private final FileThreads threads;

	private final TimeSource time;

	/**
	 * Since when the file system owes answers about a key, also if nobody waits for them
	 * any more.
	 */
	private final Map<String, List<Long>> owedSince = new ConcurrentHashMap<>();

	private final Set<FileLockManager<T>> managers = ConcurrentHashMap.newKeySet();

	SharedKeys(Supplier<T> tenures, DirtyKeys dirty, FileThreads threads, TimeSource time) {
		this.turns = new KeyedLock<>(tenures, Tenure::mayBeJoined, Tenure::continues);
		this.dirty = dirty;
		this.threads = threads;
		this.time = time;
	}

	KeyedLock<T> turns() {
		return this.turns;
	}

	DirtyKeys dirty() {
		return this.dirty;
	}

	/** On which the files of the keys are used. */
	FileThreads threads() {
		return this.threads;
	}

	/**
	 * Asks the file system about a key.
	 * @param look asks, perhaps on this thread, which it may then keep
	 * @return the answer, which is no longer open when it is heard
	 */
	<A> CompletableFuture<A> ask(String key, Supplier<CompletableFuture<A>> look) {
		long since = this.time.nanos();
		this.owedSince.compute(key, (same, present) -> {
			List<Long> all = (present != null) ? present : new CopyOnWriteArrayList<>();
			all.add(since);
			return all;
		});
		try {
			return look.get().whenComplete((answer, failure) -> answered(key, since, failure == null));
		}
		catch (Throwable ex) {
			answered(key, since, false);
			throw ex;
		}
	}

	private void answered(String key, long since, boolean known) {
		this.owedSince.computeIfPresent(key, (same, present) -> {
			present.remove(Long.valueOf(since));
			if (known) {
				// what was asked before may still be on its way, and says nothing newer
				present.removeIf((each) -> each - since <= 0);
			}
			return present.isEmpty() ? null : present;
		});
	}

	/** Whether it is not known that anybody has the key who keeps others out. */
	boolean isUnanswered(String key) {
		long now = this.time.nanos();
		return this.owedSince.getOrDefault(key, List.of())
			.stream()
			.anyMatch((since) -> now - since >= ANSWER_LIMIT.toNanos());
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
