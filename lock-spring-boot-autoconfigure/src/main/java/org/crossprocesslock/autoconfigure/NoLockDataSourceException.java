package org.crossprocesslock.autoconfigure;

/**
 * Locks were asked for in a database and there is none to use.
 */
final class NoLockDataSourceException extends IllegalStateException {

	static final String ACTION = "Define a DataSource bean, and where there are several, make one of them primary "
			+ "or qualify it with @LockDataSource";

	private static final long serialVersionUID = 1L;

	private final String reason;

	NoLockDataSourceException(String reason) {
		super("No DataSource for locks: " + reason + ". " + ACTION + ".");
		this.reason = reason;
	}

	String getReason() {
		return this.reason;
	}

}
