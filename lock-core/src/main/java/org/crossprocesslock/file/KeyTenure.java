package org.crossprocesslock.file;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/** A key with a lock file of its own. */
final class KeyTenure implements Tenure, LockFileWatch.Watched, KeyWait.Receiver<KeyFile> {

	/**
	 * After that no further guards join: those that come and go one over the other would
	 * keep all other processes out for ever.
	 */
	static final Duration LONGEST_SHARED = Duration.ofSeconds(1);

	/** For how long the key goes from hand to hand in this process while others wait. */
	static final Duration LONGEST_HAND_OFF = Duration.ofMillis(100);

	private final KeyDirectory directory;

	private final ReentrantLock changing = new ReentrantLock();

	private @Nullable KeyFile file;

	private @Nullable LockFile locked;

	private boolean ended;

	private volatile @Nullable Wait wait;

	private volatile long takenNanos;

	private volatile boolean taken;

	private volatile boolean tokenDrawn;

	private volatile long token;

	private volatile @Nullable String lostReason;

	private volatile @Nullable String lastSeenHolder;

	private record Wait(KeyWait<KeyFile> thread, Set<CompletableFuture<Void>> waiting) {

		@SuppressWarnings("CollectionUndefinedEquality") // the very future is meant
		CompletableFuture<Void> join() {
			CompletableFuture<Void> over = new CompletableFuture<>();
			this.waiting.add(over);
			// nothing is kept of who gives up, however long others go on waiting
			var unused = over.whenComplete((none, failure) -> this.waiting.remove(over));
			return over;
		}

	}

	KeyTenure(KeyDirectory directory) {
		this.directory = directory;
	}

	@Override
	public CompletableFuture<Boolean> take(String key, boolean mayStay) {
		return isHeld() ? CompletableFuture.completedFuture(true)
				: this.directory.keys().ask(key, () -> this.directory.perform(() -> look(key), mayStay));
	}

	private boolean look(String key) {
		this.changing.lock();
		try {
			// or somebody who shares it has taken it since this was asked for
			if (!isHeld() && !this.ended && this.wait == null && this.lostReason == null) {
				tryTake(key);
			}
			return isHeld();
		}
		catch (IOException ex) {
			throw failure(ex);
		}
		finally {
			this.changing.unlock();
		}
	}

	private void tryTake(String key) throws IOException {
		KeyFile present = this.file;
		if (present != null) {
			// everybody has left, and whoever comes next is given a token of his own
			drawToken(present);
			return;
		}
		Look<KeyFile> look = this.directory.tryLock(key);
		if (look instanceof Look.Taken<KeyFile> found) {
			begin(found.lock());
		}
		else if (look instanceof Look.Busy<KeyFile> busy) {
			OptionalLong pid = busy.pid();
			this.lastSeenHolder = pid.isPresent() ? "pid " + pid.getAsLong() : null;
		}
	}

	private void begin(KeyFile found) throws IOException {
		boolean keep = false;
		try {
			LockFile lock = new LockFile(found.path(), found.identity(), found);
			drawToken(found);
			// before it counts as taken: there may be no thread to look after it
			LockFileWatch.add(lock, this);
			this.locked = lock;
			keep = true;
		}
		finally {
			if (!keep) {
				LockFile.close(found.path(), found.identity(), found);
			}
		}
		this.file = found;
		this.takenNanos = TimeSource.SYSTEM.nanos();
		this.taken = true;
	}

	private void drawToken(KeyFile held) throws IOException {
		this.token = this.directory.nextToken(held);
		this.tokenDrawn = true;
	}

	@Override
	public CompletableFuture<Void> await(String key, CallerThread caller) {
		this.changing.lock();
		try {
			if (this.ended || this.file != null || this.lostReason != null) {
				return CompletableFuture.completedFuture(null);
			}
			Wait present = this.wait;
			if (present == null) {
				present = new Wait(this.directory.await(key, caller, this), ConcurrentHashMap.newKeySet());
				this.wait = present;
			}
			return present.join();
		}
		finally {
			this.changing.unlock();
		}
	}

	@Override
	public void taken(KeyFile found) {
		Throwable failure = null;
		Wait over = null;
		this.changing.lock();
		try {
			over = endWait();
			if (this.ended) {
				this.directory.release(found);
			}
			else {
				begin(found);
			}
		}
		catch (Throwable ex) {
			failure = ex;
		}
		finally {
			this.changing.unlock();
		}
		conclude(over, failure);
	}

	@Override
	public void failed(Throwable failure) {
		Wait over;
		this.changing.lock();
		try {
			over = endWait();
		}
		finally {
			this.changing.unlock();
		}
		conclude(over, failure);
	}

	private @Nullable Wait endWait() {
		Wait present = this.wait;
		this.wait = null;
		return present;
	}

	private static void conclude(@Nullable Wait over, @Nullable Throwable failure) {
		if (over == null) {
			return;
		}
		if (failure == null) {
			over.waiting().forEach((each) -> each.complete(null));
		}
		else {
			Throwable told = (failure instanceof IOException ex) ? failure(ex) : failure;
			over.waiting().forEach((each) -> each.completeExceptionally(told));
		}
	}

	private static LockStoreException failure(IOException ex) {
		return new LockStoreException("the lock file could not be used: " + OpenFiles.explain(ex), ex,
				LockDirectory.isPermanent(ex));
	}

	@Override
	public long token() {
		return this.token;
	}

	@Override
	public boolean isHeld() {
		return this.taken && this.tokenDrawn && this.lostReason == null;
	}

	@Override
	public @Nullable String lostReason() {
		return this.lostReason;
	}

	@Override
	public boolean mayBeJoined() {
		return this.lostReason == null && (!this.taken || !isOlderThan(LONGEST_SHARED));
	}

	@Override
	public boolean continues() {
		if (this.lostReason != null || (this.taken ? isOlderThan(LONGEST_HAND_OFF) : this.wait == null)) {
			return false;
		}
		this.tokenDrawn = false;
		return true;
	}

	private boolean isOlderThan(Duration age) {
		return TimeSource.SYSTEM.nanos() - this.takenNanos > age.toNanos();
	}

	@Override
	public @Nullable String lastSeenHolder() {
		return this.lastSeenHolder;
	}

	@Override
	public void lost(String reason) {
		this.lostReason = reason;
		this.directory.keys().lose((tenure) -> tenure == this, reason);
	}

	@Override
	public CompletableFuture<Boolean> end() {
		// the end of a wait takes as long as its thread needs to notice, and that of a
		// look as long as the file system needs to answer
		if (this.changing.tryLock()) {
			try {
				if (this.wait == null) {
					return this.directory.finish(this::close, true);
				}
			}
			finally {
				this.changing.unlock();
			}
		}
		return this.directory.finish(this::close, false);
	}

	private boolean close() {
		Wait waiting;
		LockFile present;
		this.changing.lock();
		try {
			this.ended = true;
			this.taken = false;
			waiting = this.wait;
			present = this.locked;
			this.locked = null;
			this.file = null;
		}
		finally {
			this.changing.unlock();
		}
		if (waiting != null) {
			// not under the lock, which a grant that comes right now needs
			waiting.thread().end();
		}
		if (present != null) {
			LockFileWatch.remove(present);
			return present.close();
		}
		return false;
	}

}
