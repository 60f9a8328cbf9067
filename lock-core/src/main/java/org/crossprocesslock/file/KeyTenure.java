package org.crossprocesslock.file;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/** A key with a lock file of its own. */
final class KeyTenure implements Tenure, LockFileWatch.Watched {

	/**
	 * After that no further guards join: those that come and go one over the other would
	 * keep all other processes out for ever.
	 */
	static final Duration LONGEST_SHARED = Duration.ofSeconds(1);

	private final KeyDirectory directory;

	private final ReentrantLock changing = new ReentrantLock();

	private @Nullable LockFile file;

	private boolean ended;

	private volatile long takenNanos;

	private volatile boolean taken;

	private volatile long token;

	private volatile @Nullable String lostReason;

	private volatile @Nullable String lastSeenHolder;

	KeyTenure(KeyDirectory directory) {
		this.directory = directory;
	}

	@Override
	public CompletableFuture<Boolean> take(String key) {
		return isHeld() ? CompletableFuture.completedFuture(true) : FileThreads.submit(() -> look(key));
	}

	private boolean look(String key) {
		this.changing.lock();
		try {
			if (this.file == null && !this.ended) {
				tryLock(key);
			}
			return isHeld();
		}
		catch (IOException ex) {
			throw new LockStoreException("the lock file could not be used: " + ex, ex, LockDirectory.isPermanent(ex));
		}
		finally {
			this.changing.unlock();
		}
	}

	private void tryLock(String key) throws IOException {
		Look<LockFile> look = this.directory.tryLock(key);
		if (look instanceof Look.Taken<LockFile> locked) {
			boolean keep = false;
			try {
				this.token = this.directory.nextToken(key);
				keep = true;
			}
			finally {
				if (!keep) {
					locked.lock().close();
				}
			}
			this.file = locked.lock();
			this.takenNanos = TimeSource.SYSTEM.nanos();
			this.taken = true;
			LockFileWatch.add(locked.lock(), this);
		}
		else if (look instanceof Look.Busy<LockFile> busy) {
			OptionalLong pid = busy.pid();
			this.lastSeenHolder = pid.isPresent() ? "pid " + pid.getAsLong() : null;
		}
	}

	@Override
	public long token() {
		return this.token;
	}

	@Override
	public boolean isHeld() {
		return this.taken && this.lostReason == null;
	}

	@Override
	public @Nullable String lostReason() {
		return this.lostReason;
	}

	@Override
	public boolean mayBeJoined() {
		return this.lostReason == null && !isOld();
	}

	@Override
	public Duration gap() {
		return isOld() ? FileRequest.LONGEST_PAUSE : Duration.ZERO;
	}

	private boolean isOld() {
		return this.taken && TimeSource.SYSTEM.nanos() - this.takenNanos > LONGEST_SHARED.toNanos();
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
	public CompletableFuture<Void> end() {
		return FileThreads.submit(() -> {
			close();
			return null;
		});
	}

	private void close() {
		this.changing.lock();
		try {
			this.ended = true;
			this.taken = false;
			LockFile present = this.file;
			this.file = null;
			if (present != null) {
				LockFileWatch.remove(present);
				present.close();
			}
		}
		finally {
			this.changing.unlock();
		}
	}

}
