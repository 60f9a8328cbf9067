package org.crossprocesslock.benchmarks.worker;

import java.io.Serializable;

/**
 * Something that a {@link TaskProcess} is told to do.
 *
 * @param <T> what it answers
 */
public interface Task<T extends Serializable> extends Serializable {

	/**
	 * Does it, on the one thread that does all tasks of a process.
	 * @param runner what the tasks of a process share
	 * @return the answer
	 * @throws Exception if it cannot be done
	 */
	T run(TaskRunner runner) throws Exception;

	/** The answer of a task that has nothing to say. */
	enum Done {

		/** It is done. */
		DONE

	}

}
