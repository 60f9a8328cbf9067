package org.crossprocesslock.autoconfigure.fencing;

/**
 * Transactions under locks must be checked and none can be.
 */
final class FencingNotPossibleException extends IllegalStateException {

	static final String ACTION = "Keep the locks in the database of the transactions "
			+ "(cross-process-lock.backend=jdbc, and a transaction manager on the DataSource of the locks), or set "
			+ "cross-process-lock.fencing=auto";

	private static final long serialVersionUID = 1L;

	private final String obstacle;

	FencingNotPossibleException(String obstacle) {
		super("cross-process-lock.fencing=required cannot be fulfilled: " + obstacle + ". " + ACTION + ".");
		this.obstacle = obstacle;
	}

	String getObstacle() {
		return this.obstacle;
	}

}
