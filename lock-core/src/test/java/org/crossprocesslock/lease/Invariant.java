package org.crossprocesslock.lease;

/**
 * What must hold in every {@link Simulation}. Those that the TLA+ model of the protocol
 * has as well carry its names.
 */
enum Invariant {

	/** No two processes believe to hold a key, nor two guards that exclude each other. */
	EXCLUSIVE("Exclusive"),

	/** Who believes to hold a key: its lease id and its grant's token are in the row. */
	OWNS("Owns"),

	/** Who believes to hold a key: its lease is there. */
	LEASE_LIVES("LeaseLives"),

	/** Every guard's token is greater than those of all earlier guards of the key. */
	TOK_GROWS("TokGrows"),

	/**
	 * No row carries the lease of a living process that has no guard, except for as long
	 * as the process may need to find out.
	 */
	NO_LEAK("NoLeak"),

	/** A guard that was not held is never held again. */
	NO_REVIVE("NoRevive"),

	/** Only a held guard is handed over. */
	HANDED_HELD("HandedHeld"),

	/**
	 * Whatever the clocks do: no fenced transaction commits under a guard after a later
	 * guard of the key was granted, or if it has read before another guard's transaction
	 * committed.
	 */
	NO_STALE_COMMIT("NoStaleCommit"),

	/**
	 * A key whose grant keeps it is granted to nobody for that long after it, by the
	 * store's clock; unless that would be for more than twice as long.
	 */
	KEPT_AT_LEAST("KeptAtLeast"),

	/** A guard is dirty if another process has had the key since this one last did. */
	DIRTY_TRUE("DirtyTrue"),

	/**
	 * Whatever the store's clock does: who has lost the row of a key stops believing in
	 * the guard within a lease duration.
	 */
	LOSS_NOTICED("LossNoticed"),

	/** Those who wait for a key in one process get it in the order of their arrival. */
	FIFO("Fifo"),

	/** A request ends once, and does so when its wait time is over. */
	WAITER_ENDS("WaiterEnds"),

	/** A key that nobody holds goes to somebody who waits for it, in bounded time. */
	FREE_KEY_GRANTED("FreeKeyGranted"),

	/**
	 * Whoever waits behind a grant tells its process so, again and again: it may not have
	 * heard, and let others share the key for ever.
	 */
	HOLDER_TOLD("HolderTold"),

	/** Who waits for a key that nobody here has: something is to become of it. */
	SEEN_TO("SeenTo"),

	/** A close comes to its end, that of a guard and that of all. */
	CLOSE_ENDS("CloseEnds"),

	/** The user of a guard that is lost is told so, once and soon. */
	LOSS_TOLD("LossTold"),

	/** The listener hears of everything, once and in its order. */
	LISTENER_HEARS("ListenerHears"),

	/** Code of users runs on threads that are there for it, and nowhere else. */
	OWN_THREADS("OwnThreads"),

	/** However many calls of the store hang, their threads are bounded in number. */
	FEW_THREADS("FewThreads"),

	/** Nothing is thrown that nobody has thrown on purpose. */
	NO_DEFECT("NoDefect"),

	/** When all is closed, nothing is held or queued, here and in the store. */
	ALL_CLOSED("AllClosed");

	private final String label;

	Invariant(String label) {
		this.label = label;
	}

	@Override
	public String toString() {
		return this.label;
	}

	/**
	 * The damage that a run has found; the message has all that is needed to replay it.
	 */
	static final class Violation extends AssertionError {

		private static final long serialVersionUID = 1L;

		private final Invariant invariant;

		Violation(Invariant invariant, String message) {
			super(message);
			this.invariant = invariant;
		}

		Invariant invariant() {
			return this.invariant;
		}

	}

}
