package org.crossprocesslock.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * No directory for lock files was named and there is no default one.
 */
final class NoLockDirectoryException extends IllegalStateException {

	static final String ACTION = "Set cross-process-lock.file.directory to an existing directory that this process "
			+ "can write";

	private static final long serialVersionUID = 1L;

	private final String reason;

	NoLockDirectoryException(String reason, @Nullable Throwable cause) {
		super("No default directory for lock files: " + reason + ". " + ACTION + ".", cause);
		this.reason = reason;
	}

	String getReason() {
		return this.reason;
	}

}
