package org.crossprocesslock.test;

/**
 * A key that is held as by another process, until this is closed. Safe from any thread.
 *
 * @see LockTester#busy(String)
 * @since 0.1.0
 */
public interface BusyKey extends AutoCloseable {

	/**
	 * Lets the key be free again. Only the first call does anything.
	 */
	@Override
	void close();

}
