package org.crossprocesslock.engine;

import java.lang.ref.Cleaner;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.LockGuard;

/**
 * The guard that a user holds. Nothing of the library refers to it, so that one that is
 * forgotten can be found by the garbage collector.
 */
final class OpenGuard implements LockGuard {

	private final HeldLock lock;

	private final Cleaner.Cleanable cleanable;

	OpenGuard(HeldLock lock) {
		this.lock = lock;
		this.cleanable = EngineThreads.cleaner().register(this, lock::leaked);
	}

	@Override
	public String key() {
		return this.lock.key();
	}

	@Override
	public long fencingToken() {
		return this.lock.fencingToken();
	}

	@Override
	public boolean isHeld() {
		return this.lock.isHeld();
	}

	@Override
	public void checkHeld() {
		this.lock.checkHeld();
	}

	@Override
	public boolean isDirty() {
		return this.lock.isDirty();
	}

	@Override
	public void clearDirty() {
		this.lock.clearDirty();
	}

	@Override
	public void onLost(Runnable callback) {
		this.lock.onLost(callback);
	}

	@Override
	public void close() {
		try {
			this.lock.close();
		}
		finally {
			forget();
		}
	}

	@Override
	public CompletableFuture<Void> closeAsync() {
		try {
			return this.lock.closeAsync();
		}
		finally {
			forget();
		}
	}

	/**
	 * One that could not be closed is left to the garbage collector, whose thread has the
	 * room on its stack that may have been missing here.
	 */
	private void forget() {
		if (this.lock.isClosed()) {
			this.cleanable.clean();
		}
	}

	HeldLock lock() {
		return this.lock;
	}

	void giveBack() {
		this.lock.giveBack();
		this.cleanable.clean();
	}

	@Override
	public String toString() {
		return "LockGuard[key=" + key() + ", fencingToken=" + fencingToken() + ", held=" + isHeld() + "]";
	}

}
