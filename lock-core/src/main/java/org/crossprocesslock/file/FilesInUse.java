package org.crossprocesslock.file;

import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock files that this Java virtual machine has in use, to be asked before one is
 * opened: opening a file a second time and closing it again would end the POSIX lock that
 * the process has on it.
 * <p>
 * Kept among the system properties, one for each file, since this class may be loaded
 * many times by many class loaders and all of them are one process. Texts only: others
 * list and store the system properties, which fails for anything else.
 * </p>
 */
final class FilesInUse {

	static final String PROPERTY = "org.crossprocesslock.file.in-use.";

	private static final String IN_USE = "true";

	private static final String WANTED = "wanted";

	private static final String CLOSING = "closing";

	private static final long CLOSING_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

	// kept, since others replace the system properties as a whole now and then
	private static final Properties files = System.getProperties();

	private FilesInUse() {
	}

	/** Whether the file was free; it is in use afterwards in any case. */
	static boolean claim(FileIdentity file) {
		while (true) {
			Object present = files.putIfAbsent(property(file), IN_USE);
			if (present == null) {
				return true;
			}
			if (!present.equals(CLOSING)) {
				files.replace(property(file), IN_USE, WANTED);
				return false;
			}
			// it takes as long as closing a file, and nobody has a key meanwhile
			LockSupport.parkNanos(CLOSING_NANOS);
		}
	}

	/** Whether the file was free and may be closed; whoever claims it waits meanwhile. */
	static boolean claimToClose(FileIdentity file) {
		return files.putIfAbsent(property(file), CLOSING) == null;
	}

	/**
	 * To be called after the file was unlocked or closed, not before.
	 * @return whether others in this Java virtual machine have asked for it meanwhile
	 */
	static boolean release(FileIdentity file) {
		return WANTED.equals(files.remove(property(file)));
	}

	private static String property(FileIdentity file) {
		return PROPERTY + file.text();
	}

}
