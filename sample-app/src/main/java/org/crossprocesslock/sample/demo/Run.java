package org.crossprocesslock.sample.demo;

import java.io.IOException;

/** One run of the demo. */
interface Run extends AutoCloseable {

	/** The exit code of a run that was closed before its end. */
	int INTERRUPTED = 1;

	/**
	 * Runs to the end.
	 * @return the exit code
	 */
	int run() throws IOException, InterruptedException;

	/** Ends its processes; without them the database can go. Any thread may. */
	@Override
	void close();

}
