package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A lock of the operating system on one file, held until it is closed. Never used on a
 * thread that somebody could interrupt: an interrupt in the middle of reading or writing
 * closes the channel and so ends the lock.
 */
interface OsLock {

	/** Writes down who holds it. */
	void writePid(long pid) throws IOException;

	/** Gives the lock up. */
	void close() throws IOException;

	/** What its line in {@code /proc/locks} looks like. */
	ProcLocks.Shape shape();

	/** How to take a kind of lock. */
	@FunctionalInterface
	interface Kind {

		/**
		 * Attempts once to lock an existing file that nobody in this process has locked.
		 */
		Look<OsLock> tryLock(Path path, FileIdentity identity) throws IOException;

	}

}
