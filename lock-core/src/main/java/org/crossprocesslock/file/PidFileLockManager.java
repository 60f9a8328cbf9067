package org.crossprocesslock.file;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One lock of the operating system on {@code <directory>/LOCK} for as long as the manager
 * lives, so that a second process with the same directory is refused at its start. Keys
 * are then locks inside this process.
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
 * <td>a second one is refused at its start</td>
 * <td>only on POSIX-compliant NFS, with {@link SystemLock#FCNTL}</td>
 * <td>free at once</td>
 * <td>a directory that exists and can be written</td>
 * </tr>
 * </table>
 * <p>
 * Inside the process, managers of one directory refuse each other as well, whichever path
 * leads to it, except those that were opened by {@link #openShared}: these share the lock
 * and all keys, and the lock is given up when the last of them closes.
 * </p>
 * <p>
 * The lock file is never deleted and must not be: the lock ends if it is deleted or
 * replaced, and with kind {@code FCNTL} if other code of this process opens and closes
 * it. That is detected within a second (the latter on Linux only): all guards are lost,
 * the listener is called ({@link LockListener#onLeaseLost}), requests fail with a
 * permanent {@link org.crossprocesslock.LockStoreException}, and the manager must be
 * closed and opened again. In that second another process may already have had the
 * directory.
 * </p>
 * <p>
 * Fencing tokens go on growing over restarts; the file {@code TOKEN} in the directory
 * holds a number ahead of them. If that file is deleted they go on from the wall clock.
 * Acquiring and releasing keys does no I/O.
 * </p>
 *
 * @since 0.1.0
 */
public final class PidFileLockManager extends FileLockManager<PidTenure> {

	private final PidLock lock;

	private PidFileLockManager(PidLock lock, LockListener listener) {
		super(lock.keys(), listener);
		this.lock = lock;
	}

	/**
	 * Takes the directory for this manager alone. Blocks while the files are opened; an
	 * interrupt does not end that and is kept.
	 * @param directory an existing directory, the same for all processes on the data
	 * @param systemLock the lock of the operating system, the same for all processes on
	 * the data
	 * @param listener is called for all events
	 * @return the manager, to be closed
	 * @throws PidLockException.AlreadyHeld if another process, or another manager of this
	 * one, has the directory
	 * @throws PidLockException.SetupFailed if the directory cannot be used
	 */
	public static PidFileLockManager open(Path directory, SystemLock systemLock, LockListener listener) {
		return new PidFileLockManager(PidLock.open(directory, systemLock, false), listener);
	}

	/**
	 * Takes the directory for this process, or joins the managers of this process that
	 * were opened in the same way: for several application contexts in one Java virtual
	 * machine. Classes that were loaded twice, by two class loaders, do not share.
	 * @param directory an existing directory, the same for all processes on the data
	 * @param systemLock the lock of the operating system, the same for all processes on
	 * the data
	 * @param listener is called for the requests of this manager
	 * @return the manager, to be closed; the last one closed gives the directory up
	 * @throws PidLockException.AlreadyHeld if another process has the directory, or a
	 * manager of this one that does not share
	 * @throws PidLockException.SetupFailed if the directory cannot be used, or is shared
	 * with another lock of the operating system
	 * @see #open
	 */
	public static PidFileLockManager openShared(Path directory, SystemLock systemLock, LockListener listener) {
		return new PidFileLockManager(PidLock.open(directory, systemLock, true), listener);
	}

	/**
	 * Takes the directory for this manager alone with the lock of the operating system
	 * that every platform has, {@link SystemLock#FCNTL}.
	 * @param directory an existing directory, the same for all processes on the data
	 * @param listener is called for all events
	 * @return the manager, to be closed
	 * @throws PidLockException.AlreadyHeld if another process, or another manager of this
	 * one, has the directory
	 * @throws PidLockException.SetupFailed if the directory cannot be used
	 * @see #open
	 */
	public static PidFileLockManager platformDefault(Path directory, LockListener listener) {
		return open(directory, SystemLock.FCNTL, listener);
	}

	/**
	 * The directory.
	 * @return the directory, with all links followed
	 */
	public Path getDirectory() {
		return this.lock.directory();
	}

	/**
	 * The lock of the operating system that is taken.
	 * @return which one
	 */
	public SystemLock getSystemLock() {
		return this.lock.systemLock();
	}

	@Override
	@Nullable Condition lost() {
		return this.lock.loss();
	}

	@Override
	CompletableFuture<?> leaveDirectory() {
		return keys().threads().inAnyCase(() -> {
			this.lock.leave();
			return true;
		});
	}

}
