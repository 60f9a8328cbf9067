package org.crossprocesslock.benchmarks.contender;

/**
 * Locks as one process uses them. Safe from any thread, except that a key is released and
 * renewed by the thread that acquired it: some libraries ask for that.
 */
public interface Locks extends AutoCloseable {

	/** Ten thousand of them fit into the memory of a small service. */
	int STACK_OF_A_WAITING_THREAD = 256 * 1024;

	/**
	 * Acquires a key, waiting for as long as it takes.
	 * @param key the key
	 * @return the key, held
	 * @throws InterruptedException if interrupted
	 */
	Acquired acquire(String key) throws InterruptedException;

	/**
	 * Has one more caller wait for a key that others hold, until this process ends.
	 * Unless the library has something better, every caller costs a thread.
	 * @param key the key
	 */
	default void enqueue(String key) {
		Thread thread = new Thread(null, () -> {
			try {
				acquire(key);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}, "waits for " + key, STACK_OF_A_WAITING_THREAD);
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * Extends what the calling thread holds, where the library leaves that to its user.
	 */
	default void renewHeld() {
	}

	@Override
	void close();

}
