package org.crossprocesslock.lease;

import java.util.function.Consumer;

import org.crossprocesslock.lease.Command.Answer;

/** Makes one call of the store after the other. */
interface StoreCaller {

	/**
	 * Has a call made. To be asked for the next one when the end of this one is told, at
	 * the earliest. Does not block, so that it may be called under a lock.
	 * @param then hears of its end, whenever that is
	 */
	void make(Command command, Consumer<Answer> then);

	/** There is nothing left to do for it after what it is at. */
	void end();

}
