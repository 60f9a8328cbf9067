package org.crossprocesslock.file;

import java.io.IOException;
import java.util.Optional;

/** A file whose key another process has and that can be waited for. */
interface Waitable {

	/**
	 * Waits in the kernel until this process is next in line and then until it has the
	 * key. Ends with a {@link java.nio.channels.ClosedChannelException} once another
	 * thread closes the file; any other failure can mean that the kernel takes this wait
	 * for one of a deadlock, and says nothing about the file.
	 * @param whenNext called once this process is next
	 */
	void await(Runnable whenNext) throws IOException;

	/**
	 * Attempts once to take a place in line or, with one, the key.
	 * @param pastTheLine whether to take the key without a place in line
	 */
	boolean tryTakeInLine(boolean pastTheLine) throws IOException;

	/** Whether nobody has the key, while this waits to become next in line. */
	boolean isPassedBy() throws IOException;

	/** Whether the path still leads to this file. */
	boolean isAtItsPath() throws IOException;

	/** Whether nobody has closed it. */
	boolean isOpen();

	/**
	 * Where such files come from.
	 *
	 * @param <F> the files
	 */
	interface Source<F extends Waitable> {

		/** Opens the file of a key, if no other code of this process uses it. */
		Optional<F> open(String key) throws IOException;

		/** Ends the use of a file with all that is locked of it. */
		void discard(F file);

		/** Closes a file, also while another thread waits for it. */
		void shut(F file);

		/** Has something done now and then from now on. */
		void attend(Runnable check);

		/** Has it done no more. */
		void leave(Runnable check);

	}

}
