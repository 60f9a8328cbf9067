package org.crossprocesslock.autoconfigure;

import java.util.List;

/**
 * The user of the DataSource may not do to the tables of the locks what locks need.
 */
final class LockRightsMissingException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	private final transient List<String> grants;

	LockRightsMissingException(List<String> grants) {
		super("The user of the DataSource lacks rights on the tables of the locks. Have their owner run:\n"
				+ String.join(";\n", grants) + ";");
		this.grants = grants;
	}

	/** The statements that grant them. */
	List<String> getGrants() {
		return this.grants;
	}

}
