package org.crossprocesslock.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * The tables of the locks are missing, or lack a column, and were not created.
 */
final class LockTablesMissingException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	private final String reason;

	private final String ddl;

	LockTablesMissingException(String reason, String ddl, @Nullable Throwable cause) {
		super("The tables of the locks are missing or lack a column, and " + reason + ". Create them:\n" + ddl, cause);
		this.reason = reason;
		this.ddl = ddl;
	}

	String getReason() {
		return this.reason;
	}

	String getDdl() {
		return this.ddl;
	}

}
