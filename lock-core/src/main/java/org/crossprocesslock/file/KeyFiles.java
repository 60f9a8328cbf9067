package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.engine.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open key files of one directory that nothing is locked of. A file stays open for a
 * while, so that the next attempt needs not open it. It is not claimed meanwhile, so that
 * other class loaders can use the file, but it is used and closed only under a claim, and
 * by nobody while any code of this process has locked something of it. Safe from any
 * thread; of one key, one thread at a time.
 */
final class KeyFiles implements Waitable.Source<KeyFile> {

	/** So that the open files of keys that nobody has stay few. */
	static final int MOST_IDLE = 64;

	static final Duration IDLE_FOR = Duration.ofSeconds(1);

	private static final Logger logger = LoggerFactory.getLogger(KeyFiles.class);

	private final Path directory;

	private final LockFileWatch watch;

	private final boolean mayStayOpen;

	private final ConcurrentMap<String, Idle> idle = new ConcurrentHashMap<>();

	private final AtomicInteger idleCount = new AtomicInteger();

	private final Runnable closing = this::closeOld;

	private record Idle(KeyFile file, long sinceNanos) {

	}

	KeyFiles(Path directory, LockFileWatch watch, boolean mayStayOpen) {
		this.directory = directory;
		this.watch = watch;
		this.mayStayOpen = mayStayOpen;
	}

	/**
	 * Opens the file of a key for the caller alone, who gives it back. It may have been
	 * replaced by the time it is locked.
	 * @return the file, empty if other code of this process uses it
	 */
	@Override
	public Optional<KeyFile> open(String key) throws IOException {
		Idle present = this.idle.get(key);
		if (present != null && !FilesInUse.claim(present.file().identity())) {
			return Optional.empty();
		}
		if (present != null) {
			if (this.idle.remove(key, present)) {
				this.idleCount.decrementAndGet();
				return Optional.of(present.file());
			}
			// closed meanwhile
			FilesInUse.release(present.file().identity());
		}
		try {
			return openAnew(key);
		}
		catch (IOException ex) {
			if (this.idle.isEmpty()) {
				throw ex;
			}
			// perhaps there are too many open
			this.idle.values().forEach(this::close);
			return openAnew(key);
		}
	}

	private Optional<KeyFile> openAnew(String key) throws IOException {
		Path path = this.directory.resolve(key + ".lock");
		FileIdentity identity = LockFile.madeIfMissing(path);
		if (!FilesInUse.claim(identity)) {
			return Optional.empty();
		}
		boolean opened = false;
		try {
			KeyFile file = new KeyFile(key, path, identity, this::keep);
			opened = true;
			return Optional.of(file);
		}
		finally {
			if (!opened) {
				FilesInUse.release(identity);
			}
		}
	}

	/** Ends the use of a file of which nothing is locked. */
	void giveBack(KeyFile file) {
		try {
			keep(file);
		}
		finally {
			FilesInUse.release(file.identity());
		}
	}

	@Override
	public void discard(KeyFile file) {
		try {
			shut(file);
		}
		finally {
			FilesInUse.release(file.identity());
		}
	}

	private void keep(KeyFile file) {
		boolean mayStay = this.mayStayOpen && this.idleCount.get() < MOST_IDLE;
		if (file.isOpen() && (mayStay || file.isLockedByOtherCode()) && becomesIdle(file)) {
			this.watch.attend(this.closing);
		}
		else {
			shut(file);
		}
	}

	/**
	 * Not if one of the key is idle already: that one would be forgotten, and stay open.
	 */
	private boolean becomesIdle(KeyFile file) {
		boolean added = this.idle.putIfAbsent(file.key(), new Idle(file, TimeSource.SYSTEM.nanos())) == null;
		if (added) {
			this.idleCount.incrementAndGet();
		}
		return added;
	}

	private void closeOld() {
		long now = TimeSource.SYSTEM.nanos();
		this.idle.values().forEach((each) -> {
			if (now - each.sinceNanos() >= IDLE_FOR.toNanos()) {
				close(each);
			}
		});
		if (this.idle.isEmpty()) {
			this.watch.leave(this.closing);
			if (!this.idle.isEmpty()) {
				this.watch.attend(this.closing);
			}
		}
	}

	private void close(Idle each) {
		KeyFile file = each.file();
		if (!FilesInUse.claimToClose(file.identity())) {
			return;
		}
		try {
			if ((!file.isOpen() || file.mayBeShut()) && this.idle.remove(file.key(), each)) {
				this.idleCount.decrementAndGet();
				shut(file);
			}
		}
		catch (IOException ex) {
			logger.debug("It is not known whether {} may be closed; asking again soon", file.path(), ex);
		}
		finally {
			FilesInUse.release(file.identity());
		}
	}

	@Override
	public void shut(KeyFile file) {
		try {
			file.shut();
		}
		catch (IOException ex) {
			logger.warn("Lock file {} could not be closed; its lock may stay until this process ends", file.path(), ex);
		}
	}

	@Override
	public void attend(Runnable check) {
		this.watch.attend(check);
	}

	@Override
	public void leave(Runnable check) {
		this.watch.leave(check);
	}

}
