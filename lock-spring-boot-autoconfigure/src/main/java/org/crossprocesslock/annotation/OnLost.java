package org.crossprocesslock.annotation;

/**
 * What to do when the lock is lost while an annotated method runs.
 *
 * @since 0.1.0
 */
public enum OnLost {

	/**
	 * Let the method go on; the call ends in a
	 * {@link org.crossprocesslock.LockLostException}. The default. A subscription is
	 * ended by it at once, and what it does is cancelled.
	 */
	FAIL,

	/**
	 * Also interrupt the thread that runs the method: once, and never after it has left
	 * the method. An interrupt that the method has not handled by then is cleared. For
	 * methods that wait or can be stopped; a driver may answer an interrupt by breaking
	 * its connection, and an embedded H2 by closing its database file. Refused at start
	 * on a method whose work goes on after it has returned, on whatever threads.
	 */
	INTERRUPT

}
