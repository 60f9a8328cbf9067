package org.crossprocesslock.file;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.LockStoreException;
import org.jspecify.annotations.Nullable;

/** A key under a pid lock: the whole directory is this process's already. */
final class PidTenure implements Tenure {

	private final PidLock lock;

	private final AtomicLong token = new AtomicLong(TokenReserve.NONE);

	private volatile boolean ended;

	PidTenure(PidLock lock) {
		this.lock = lock;
	}

	@Override
	public CompletableFuture<Boolean> take(String key, boolean mayStay) {
		String lost = lostReason();
		if (lost != null) {
			return CompletableFuture.failedFuture(new LockStoreException(
					"the pid lock was lost: " + lost + "; open the directory again", new IOException(lost), true));
		}
		if (takeToken(key)) {
			return CompletableFuture.completedFuture(true);
		}
		// the reserve is short: whoever was to extend it has not come to it
		return this.lock.keys().ask(key, () -> this.lock.keys().threads().submit(() -> {
			this.lock.tokens().extend();
			if (!takeToken(key)) {
				IOException failure = this.lock.tokens().failure();
				throw new LockStoreException("no fencing token could be reserved: " + failure.getMessage(), failure,
						LockDirectory.isPermanent(failure));
			}
			return true;
		}));
	}

	@Override
	public CompletableFuture<Void> await(String key, CallerThread caller) {
		throw new IllegalStateException("No other process can have a key under a pid lock");
	}

	private boolean takeToken(String key) {
		if (token() == TokenReserve.NONE) {
			this.token.compareAndSet(TokenReserve.NONE, this.lock.tokens().next());
			if (token() == TokenReserve.NONE) {
				return false;
			}
			this.lock.keys().dirty().acquired(key, 0, 0);
		}
		return true;
	}

	@Override
	public long token() {
		return this.token.get();
	}

	@Override
	public boolean isHeld() {
		return !this.ended && lostReason() == null;
	}

	@Override
	public @Nullable String lostReason() {
		return this.lock.lostReason();
	}

	@Override
	public boolean mayBeJoined() {
		return true;
	}

	@Override
	public boolean continues() {
		return false;
	}

	@Override
	public @Nullable String lastSeenHolder() {
		return null;
	}

	@Override
	public CompletableFuture<Boolean> end() {
		this.ended = true;
		return CompletableFuture.completedFuture(false);
	}

}
