package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file that this process has locked. The file is never deleted: another process may
 * have opened it already and would then lock a file that nobody can find.
 */
final class LockFile {

	private static final Logger logger = LoggerFactory.getLogger(LockFile.class);

	/** As whose the kernel's list shows the locks of this process, by kind and device. */
	private static final Map<String, String> pids = new ConcurrentHashMap<>();

	static final int REPLACEMENTS_TO_BEAR_WITH = 10;

	private final Path path;

	private final FileIdentity identity;

	private final OsLock lock;

	/** How the kernel's list shows it, absent where that is not known. */
	private final ProcLocks.@Nullable Shown shown;

	LockFile(Path path, FileIdentity identity, OsLock lock) {
		this.path = path;
		this.identity = identity;
		this.lock = lock;
		this.shown = shown(lock.shape(), identity);
	}

	/**
	 * One read of the list tells how it shows this process's locks on a device. Reading
	 * it for each lock would take the longer the more are held.
	 */
	private static ProcLocks.@Nullable Shown shown(ProcLocks.Shape shape, FileIdentity file) {
		String kind = shape.type() + " on " + file.device();
		String pid = pids.get(kind);
		if (pid != null) {
			return new ProcLocks.Shown(shape, file, pid);
		}
		ProcLocks.Line line = ProcLocks.read().flatMap((locks) -> locks.lineOf(shape, file)).orElse(null);
		if (line == null) {
			return null;
		}
		pids.put(kind, line.pid());
		return new ProcLocks.Shown(shape, file, line.pid());
	}

	/**
	 * Attempts once to lock the file, which is made if it is missing, and writes the pid
	 * into it.
	 */
	static Look<LockFile> tryLock(Path path, OsLock.Kind kind) throws IOException {
		for (int i = 0; i < REPLACEMENTS_TO_BEAR_WITH; i++) {
			FileIdentity identity = madeIfMissing(path);
			if (!FilesInUse.claim(identity)) {
				return new Look.Busy<>(OptionalLong.of(ProcessHandle.current().pid()));
			}
			Optional<Look<LockFile>> look = tryLockClaimed(path, identity, kind);
			if (look.isPresent()) {
				return look.get();
			}
		}
		throw replacedAgainAndAgain(path);
	}

	static IOException replacedAgainAndAgain(Path path) {
		return new IOException("Lock file " + path + " is replaced again and again while it is being locked");
	}

	/** Empty if the path has come to lead to another file meanwhile. */
	private static Optional<Look<LockFile>> tryLockClaimed(Path path, FileIdentity identity, OsLock.Kind kind)
			throws IOException {
		OsLock lock = null;
		boolean keep = false;
		try {
			Look<OsLock> look = kind.tryLock(path, identity);
			if (look instanceof Look.Busy<OsLock> busy) {
				return Optional.of(new Look.Busy<>(busy.pid()));
			}
			lock = ((Look.Taken<OsLock>) look).lock();
			if (!identity.leadsHere(path)) {
				return Optional.empty();
			}
			lock.writePid(ProcessHandle.current().pid());
			LockFile locked = new LockFile(path, identity, lock);
			keep = true;
			return Optional.of(new Look.Taken<>(locked));
		}
		finally {
			if (!keep) {
				close(path, identity, lock);
			}
		}
	}

	/**
	 * Whether the lock was taken away, as far as can be seen.
	 * @param locks the kernel's list of locks, read after the last change to this
	 * @return how it was lost, to follow a colon; empty if it was not
	 */
	Optional<String> loss(Optional<ProcLocks.Listing> locks) {
		try {
			if (!this.identity.leadsHere(this.path)) {
				return Optional.of("lock file " + this.path + " was deleted or replaced");
			}
		}
		catch (IOException ex) {
			return Optional.of("lock file " + this.path + " can no longer be checked (" + ex + ")");
		}
		if (this.shown != null && locks.isPresent() && !this.shown.isIn(locks.get()) && ProcLocks.misses(this.shown)) {
			return Optional.of("the operating system has ended the lock on " + this.path
					+ "; other code of this process must have opened and closed the file");
		}
		return Optional.empty();
	}

	Path path() {
		return this.path;
	}

	FileIdentity identity() {
		return this.identity;
	}

	/**
	 * Gives the lock up. To be called once.
	 * @return whether others in this Java virtual machine have asked for it meanwhile
	 */
	boolean close() {
		return close(this.path, this.identity, this.lock);
	}

	/** The same of what was not made a lock file of. */
	static boolean close(Path path, FileIdentity identity, @Nullable OsLock lock) {
		boolean wanted;
		try {
			if (lock != null) {
				lock.close();
			}
		}
		catch (IOException ex) {
			logger.warn("Lock file {} could not be closed; its lock may stay until this process ends", path, ex);
		}
		finally {
			// whatever happened: nobody else would, and the key would be busy for good
			wanted = FilesInUse.release(identity);
		}
		return wanted;
	}

	static FileIdentity madeIfMissing(Path path) throws IOException {
		for (int i = 0; i < REPLACEMENTS_TO_BEAR_WITH; i++) {
			try {
				return FileIdentity.of(path);
			}
			catch (NoSuchFileException ex) {
				make(path);
			}
		}
		throw replacedAgainAndAgain(path);
	}

	private static void make(Path path) throws IOException {
		try {
			// closes a file again that nobody else can have locked yet
			Files.createFile(path);
		}
		catch (FileAlreadyExistsException ex) {
			logger.trace("Another process has made {} at the same time", path);
		}
	}

}
