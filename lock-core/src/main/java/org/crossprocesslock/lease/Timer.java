package org.crossprocesslock.lease;

/** Has time pass again and again on a thread. Safe from any thread; nothing blocks. */
interface Timer {

	/** The last turn: there is no other. */
	long OVER = -1;

	/** Throws what the machine throws if it has no thread to give. */
	void start();

	/** Has the next turn come soon. */
	void wake();

}
