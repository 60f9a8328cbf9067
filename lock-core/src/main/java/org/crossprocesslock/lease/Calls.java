package org.crossprocesslock.lease;

import java.util.function.Consumer;

import org.crossprocesslock.lease.Command.Answer;

/**
 * Makes the calls of the store that a machine asks for. Methods do not block and may be
 * called under a lock.
 */
interface Calls extends AutoCloseable {

	/**
	 * Has a call made as soon as that is possible.
	 * @param answers hears of its end once, unless the call was abandoned before; must
	 * not block
	 * @return {@code false} if it cannot be made; nobody hears of it again then
	 */
	boolean run(Command command, Consumer<Answer> answers);

	/** Nobody waits for the answer to this command any more. */
	void abandon(Command command);

	/** The same for all commands that are under way. */
	void abandonAll();

	/** Makes no further calls; what is under way goes on. */
	@Override
	void close();

}
