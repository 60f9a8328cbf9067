package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import org.crossprocesslock.KeyReport;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.LocalInspection;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.file.PidLockException;
import org.jspecify.annotations.Nullable;

/**
 * Locks on files whose directory is not there yet: it is made when somebody asks for the
 * first lock, so that an application which never does leaves nothing behind.
 */
final class FileLocksOnDemand implements LockManager {

	private final Path directory;

	private final Function<Path, LockManager> opening;

	private final ReentrantLock lock = new ReentrantLock();

	private final LockInspection inspection = new Inspection();

	/** How it is until it is opened. */
	private volatile Condition condition = Condition.now(Status.NOT_OPENED, null);

	private volatile @Nullable LockManager opened;

	/**
	 * Makes nothing yet.
	 * @param opening begins to use the directory, which is there by then
	 */
	FileLocksOnDemand(Path directory, Function<Path, LockManager> opening) {
		this.directory = directory;
		this.opening = opening;
	}

	/**
	 * Makes the directory and begins to use it, unless that was done before.
	 * @throws PidLockException if it cannot be used
	 * @throws NoLockDirectoryException if it cannot be made
	 */
	LockManager open() {
		LockManager present = this.opened;
		if (present != null) {
			return present;
		}
		this.lock.lock();
		try {
			if (this.opened == null) {
				if (this.condition.status() == Status.CLOSED) {
					throw AttemptingLockManager.closedException();
				}
				Files.createDirectories(this.directory);
				this.opened = this.opening.apply(this.directory);
			}
			return this.opened;
		}
		catch (IOException ex) {
			throw FileLockDirectory.notCreated(this.directory, ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	private LockManager asked() {
		try {
			return open();
		}
		catch (PidLockException | NoLockDirectoryException ex) {
			String reason = String.valueOf(ex.getMessage());
			failed(reason);
			throw new LockStoreException(reason, ex, true);
		}
	}

	/** Until somebody asks again, with more luck. */
	private void failed(String reason) {
		this.lock.lock();
		try {
			Condition before = this.condition;
			if (before.status() == Status.NOT_OPENED) {
				this.condition = Condition.now(Status.OPENING, reason);
			}
			else if (before.status() == Status.OPENING) {
				this.condition = new Condition(Status.OPENING, before.sinceNanos(), reason);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public Optional<LockGuard> tryLock(String key) {
		LockRequest.of(key, Duration.ZERO);
		return asked().tryLock(key);
	}

	@Override
	public Optional<LockGuard> tryLock(LockRequest request) throws InterruptedException {
		return asked().tryLock(request);
	}

	@Override
	public LockGuard lock(LockRequest request) throws InterruptedException {
		return asked().lock(request);
	}

	@Override
	public LockGuards lockAll(Collection<LockRequest> requests) throws InterruptedException {
		return asked().lockAll(requests);
	}

	@Override
	public CompletableFuture<LockGuard> lockAsync(LockRequest request) {
		return promised((manager) -> manager.lockAsync(request));
	}

	@Override
	public CompletableFuture<LockGuards> lockAllAsync(Collection<LockRequest> requests) {
		return promised((manager) -> manager.lockAllAsync(requests));
	}

	private <T> CompletableFuture<T> promised(Function<LockManager, CompletableFuture<T>> asking) {
		LockManager manager;
		try {
			manager = asked();
		}
		catch (LockStoreException | IllegalStateException ex) {
			return CompletableFuture.failedFuture(ex);
		}
		return asking.apply(manager);
	}

	@Override
	public <T> T callLocked(LockRequest request, Callable<T> work) throws Exception {
		return asked().callLocked(request, work);
	}

	@Override
	public void runLocked(LockRequest request, Runnable work) throws InterruptedException {
		asked().runLocked(request, work);
	}

	@Override
	public Optional<LockInspection> inspection() {
		return Optional.of(this.inspection);
	}

	@Override
	public void close() {
		LockManager present;
		this.lock.lock();
		try {
			if (this.condition.status() != Status.CLOSED) {
				this.condition = Condition.now(Status.CLOSED, null);
			}
			present = this.opened;
		}
		finally {
			this.lock.unlock();
		}
		if (present != null) {
			present.close();
		}
	}

	/** That of the opened one, once there is one. */
	private final class Inspection implements LockInspection {

		private Optional<LockInspection> opened() {
			return Optional.ofNullable(FileLocksOnDemand.this.opened).flatMap(LockManager::inspection);
		}

		@Override
		public LockReport report(int limit) {
			return opened().map((inspection) -> inspection.report(limit)).orElseGet(() -> {
				LocalInspection.checkLimit(limit);
				Condition now = FileLocksOnDemand.this.condition;
				return new LockReport(now.status(), Duration.ofNanos(TimeSource.SYSTEM.nanos() - now.sinceNanos()),
						now.reason(), null, 0, 0, List.of(), List.of());
			});
		}

		@Override
		public KeyReport report(String key) {
			return opened().map((inspection) -> inspection.report(key))
				.orElseGet(() -> new KeyReport(key, List.of(), null));
		}

		@Override
		public boolean release(String key, long token) {
			return opened().map((inspection) -> inspection.release(key, token)).orElse(false);
		}

	}

}
