package org.crossprocesslock.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * The application must not start as it is configured, and its user can mend that.
 */
final class RefusedStartException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	private final String description;

	private final String action;

	/**
	 * Creates the exception.
	 * @param description what is wrong, in full sentences
	 * @param action what can be done, in full sentences
	 * @param cause what failed, if anything did
	 */
	RefusedStartException(String description, String action, @Nullable Throwable cause) {
		super(description + " " + action, cause);
		this.description = description;
		this.action = action;
	}

	String getDescription() {
		return this.description;
	}

	String getAction() {
		return this.action;
	}

}
