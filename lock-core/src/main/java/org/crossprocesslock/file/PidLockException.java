package org.crossprocesslock.file;

import java.nio.file.Path;
import java.util.OptionalLong;

import org.crossprocesslock.LockException;
import org.jspecify.annotations.Nullable;

/**
 * A lock directory could not be taken into use.
 *
 * @since 0.1.0
 */
public abstract sealed class PidLockException extends LockException {

	private static final long serialVersionUID = 1L;

	private final transient Path directory;

	private PidLockException(Path directory, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.directory = directory;
	}

	/**
	 * The directory that was to be used.
	 * @return the directory, as an absolute path
	 */
	public Path getDirectory() {
		return this.directory;
	}

	/**
	 * Another process, or another manager of this one, has the directory.
	 *
	 * @since 0.1.0
	 */
	public static final class AlreadyHeld extends PidLockException {

		private static final long serialVersionUID = 1L;

		private final long pid;

		AlreadyHeld(Path directory, OptionalLong pid) {
			super(directory, message(directory, pid), null);
			this.pid = pid.orElse(-1);
		}

		/**
		 * The process id that the holder has written down, in the holder's own pid
		 * namespace. For people: it may be missing or stale, and nothing is decided by
		 * it.
		 * @return the process id, empty if none could be read
		 */
		public OptionalLong getPid() {
			return (this.pid < 0) ? OptionalLong.empty() : OptionalLong.of(this.pid);
		}

		private static String message(Path directory, OptionalLong pid) {
			String used = pid.isEmpty() ? "another process (its pid is not known)" : (pid
				.getAsLong() == ProcessHandle.current().pid())
						? "another lock manager of this process, or a process with the same pid in another container,"
						: "process " + pid.getAsLong();
			return "Lock directory " + directory + " is used by " + used
					+ "; stop it, use another directory, or lock key by key";
		}

	}

	/**
	 * The directory cannot be used as it is, for example because it is missing, cannot be
	 * written or because its file system has no locks.
	 *
	 * @since 0.1.0
	 */
	public static final class SetupFailed extends PidLockException {

		private static final long serialVersionUID = 1L;

		SetupFailed(Path directory, String reason, Throwable cause) {
			super(directory, "Lock directory " + directory + " cannot be used: " + reason, cause);
		}

	}

}
