package org.crossprocesslock.file;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One lock of the operating system for each key that is held, on
 * {@code <directory>/<key>.lock}, so that any number of processes can work with one
 * directory.
 *
 * <table>
 * <caption>What it excludes</caption>
 * <tr>
 * <th>threads</th>
 * <th>processes of one host</th>
 * <th>machines</th>
 * <th>after the holder's crash</th>
 * <th>needs</th>
 * </tr>
 * <tr>
 * <td>yes</td>
 * <td>yes, key by key</td>
 * <td>only on POSIX-compliant NFS</td>
 * <td>free at once</td>
 * <td>a directory that exists and can be written</td>
 * </tr>
 * </table>
 * <p>
 * The lock is the one of {@link SystemLock#FCNTL}. Requests of one process wait in the
 * order of their arrival, over all managers of the directory in it, and hold the key one
 * after the other for up to a tenth of a second. Processes take turns: they wait in the
 * kernel, which wakes them, and a process that releases does not take the key again while
 * another one waits. On network file systems, on Windows, and where the kernel reports a
 * deadlock, they poll with jittered delays that double from
 * {@link org.crossprocesslock.engine.Backoff#DEFAULT_INITIAL} to a tenth of a second.
 * Guards of {@link org.crossprocesslock.LockMode#SHARED_IN_PROCESS} join those that are
 * open for a second after the first; later ones wait until all are closed.
 * </p>
 * <p>
 * On a local file system the calling thread itself locks, which takes microseconds, and
 * whatever interrupts it; requests of {@code lockAsync} use other threads. Each key that
 * is held takes one open file.
 * </p>
 * <p>
 * Lock files are never deleted and must not be: the lock ends if its file is deleted or
 * replaced while the key is held, or opened and closed by other code of the process that
 * holds it. That is detected within a second (the latter on Linux only) and the guard is
 * lost; in that second another process may already have held the key.
 * </p>
 * <p>
 * Fencing tokens go on growing over restarts; {@code <directory>/<key>.token} holds the
 * last one. If that file is deleted, or the machine loses power before the file system
 * has written it, they go on from the wall clock. On a file system that ignores case
 * (macOS, Windows), keys that differ in nothing else exclude each other.
 * </p>
 *
 * @since 0.1.0
 */
public final class PerKeyFileLockManager extends FileLockManager<KeyTenure> {

	private final KeyDirectory directory;

	private final KnownDirectory known;

	private PerKeyFileLockManager(KeyDirectory directory, LockListener listener) {
		super(directory.keys(), listener);
		this.directory = directory;
		this.known = new KnownDirectory(directory.path());
	}

	/**
	 * Begins to use the directory. Blocks while it is checked; an interrupt does not end
	 * that and is kept.
	 * @param directory an existing directory, the same for all processes on the data
	 * @param listener is called for all events
	 * @return the manager, to be closed
	 * @throws PidLockException.SetupFailed if the directory cannot be used
	 */
	public static PerKeyFileLockManager open(Path directory, LockListener listener) {
		return new PerKeyFileLockManager(KeyDirectory.open(directory), listener);
	}

	/**
	 * The directory.
	 * @return the directory, with all links followed
	 */
	public Path getDirectory() {
		return this.directory.path();
	}

	@Override
	@Nullable Condition lost() {
		return this.known.gone();
	}

	@Override
	CompletableFuture<?> leaveDirectory() {
		// nothing of the directory is held without a guard
		return CompletableFuture.completedFuture(null);
	}

}
