package org.crossprocesslock.file;

import java.util.OptionalLong;

/**
 * What one look at a lock file has found.
 *
 * @param <L> what was taken if it was free
 */
sealed interface Look<L> {

	/**
	 * It was free and is ours now.
	 *
	 * @param <L> what was taken
	 * @param lock what was taken
	 */
	record Taken<L>(L lock) implements Look<L> {

	}

	/**
	 * Somebody else has it.
	 *
	 * @param <L> what was not taken
	 * @param pid who, as far as is known
	 */
	record Busy<L>(OptionalLong pid) implements Look<L> {

	}

}
