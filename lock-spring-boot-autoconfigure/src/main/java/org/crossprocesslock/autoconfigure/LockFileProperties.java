package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.file.SystemLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks on files.
 *
 * @since 0.1.0
 */
public class LockFileProperties {

	/**
	 * Existing directory of the lock files, the same for every process that works on the
	 * same data. A directory of the user and the application, below the user's home, if
	 * not set.
	 */
	private @Nullable String directory;

	/**
	 * What a lock on a file stands for. Every process that works on the same data needs
	 * the same.
	 */
	private Kind kind = Kind.PID;

	private final Pid pid = new Pid();

	public @Nullable String getDirectory() {
		return this.directory;
	}

	public void setDirectory(@Nullable String directory) {
		this.directory = directory;
	}

	public Kind getKind() {
		return this.kind;
	}

	public void setKind(Kind kind) {
		this.kind = kind;
	}

	public Pid getPid() {
		return this.pid;
	}

	/** What a lock on a file stands for. */
	public enum Kind {

		/**
		 * The whole directory, for as long as this process runs; a second process is
		 * refused at its start.
		 */
		PID,

		/** One key, while it is held; any number of processes can take part. */
		PER_KEY

	}

	/** Kind pid. */
	public static class Pid {

		/**
		 * Lock of the operating system that kind pid takes on its directory. Every
		 * process that works on the same data needs the same.
		 */
		private SystemLock systemLock = SystemLock.FCNTL;

		public SystemLock getSystemLock() {
			return this.systemLock;
		}

		public void setSystemLock(SystemLock systemLock) {
			this.systemLock = systemLock;
		}

	}

}
