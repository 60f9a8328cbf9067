package org.crossprocesslock.autoconfigure;

import java.util.List;

/**
 * Properties have values that are not allowed, alone or together.
 */
final class InvalidLockPropertiesException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final List<String> properties;

	private final String problem;

	InvalidLockPropertiesException(List<String> properties, IllegalArgumentException cause) {
		super("Bad value of " + String.join(" or ", properties) + ": " + cause.getMessage(), cause);
		this.properties = properties;
		this.problem = String.valueOf(cause.getMessage());
	}

	List<String> getProperties() {
		return this.properties;
	}

	String getProblem() {
		return this.problem;
	}

}
