package org.crossprocesslock.file;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The lock files that this Java virtual machine has in use, to be asked before one is
 * opened: opening a file a second time and closing it again would end the POSIX lock that
 * the process has on it.
 * <p>
 * Kept among the system properties, in classes of the JDK only, since this class may be
 * loaded many times by many class loaders and all of them are one process.
 * </p>
 */
final class FilesInUse {

	private static final String PROPERTY = "org.crossprocesslock.file.in-use";

	private static final ConcurrentMap<String, Boolean> files = files();

	private FilesInUse() {
	}

	/** Whether the file was free; it is in use afterwards in any case. */
	static boolean claim(FileIdentity file) {
		return files.putIfAbsent(file.text(), true) == null;
	}

	/** To be called after the file was closed, not before. */
	static void release(FileIdentity file) {
		files.remove(file.text());
	}

	@SuppressWarnings("unchecked") // nobody else uses this property
	private static ConcurrentMap<String, Boolean> files() {
		return (ConcurrentMap<String, Boolean>) System.getProperties()
			.computeIfAbsent(PROPERTY, (name) -> new ConcurrentHashMap<String, Boolean>());
	}

}
