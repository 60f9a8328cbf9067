package org.crossprocesslock.file;

/**
 * Which lock of the operating system is taken on {@code <directory>/LOCK}. The two do not
 * see each other on local file systems of Linux, so all processes that use a directory
 * must use the same one.
 *
 * @since 0.1.0
 */
public enum SystemLock {

	/**
	 * What {@link java.nio.channels.FileChannel#tryLock} takes: a POSIX record lock on
	 * Unix, {@code LockFileEx} on Windows. Works everywhere, on POSIX-compliant network
	 * file systems too. The process loses a POSIX lock if any of its code closes the file
	 * by another channel, even one that only read it; on Linux that is detected.
	 */
	FCNTL,

	/**
	 * {@code flock(2)}, which {@code flock} of the shell takes too. It cannot be lost
	 * through another channel. Needs the library {@code net.java.dev.jna:jna} and Linux
	 * or macOS; what it does on a network file system depends on that.
	 */
	FLOCK

}
