package org.crossprocesslock.file;

import java.util.Properties;

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

	private static final String PROPERTY = "org.crossprocesslock.file.in-use.";

	// kept, since others replace the system properties as a whole now and then
	private static final Properties files = System.getProperties();

	private FilesInUse() {
	}

	/** Whether the file was free; it is in use afterwards in any case. */
	static boolean claim(FileIdentity file) {
		return files.putIfAbsent(PROPERTY + file.text(), "true") == null;
	}

	/** To be called after the file was closed, not before. */
	static void release(FileIdentity file) {
		files.remove(PROPERTY + file.text());
	}

}
