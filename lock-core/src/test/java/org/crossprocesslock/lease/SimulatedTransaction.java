package org.crossprocesslock.lease;

/**
 * A transaction of an application as the simulated database has it. A statement that
 * reaches it after its end does nothing.
 */
final class SimulatedTransaction {

	private final Simulation simulation;

	private final SimulatedRequest request;

	private long commitsBefore;

	private boolean fenced;

	private boolean over;

	/** Not yet begun, before the guard perhaps. */
	SimulatedTransaction(Simulation simulation, SimulatedRequest request) {
		this.simulation = simulation;
		this.request = request;
	}

	SimulatedRequest request() {
		return this.request;
	}

	Holding hold() {
		return this.request.hold();
	}

	/** The first statement: what committed later, the transaction has not seen. */
	boolean read(long commitsBefore) {
		this.commitsBefore = commitsBefore;
		return !this.over;
	}

	/** The fence: whether the row carries the guard's grant; it stays locked then. */
	boolean check() {
		Grant grant = hold().grant();
		if (this.over || !this.simulation.store.fence(grant.key.name, grant.term.id(), grant.token)) {
			return false;
		}
		this.fenced = true;
		return true;
	}

	/** Answers whether it was this that ended the transaction. */
	boolean commit() {
		if (this.over) {
			return false;
		}
		this.simulation.invariants.committed(hold(), this.commitsBefore);
		return end();
	}

	/** Rolls back if nothing has ended it before. */
	boolean end() {
		if (this.over) {
			return false;
		}
		this.over = true;
		if (this.fenced) {
			this.simulation.store.endFence(hold().grant().key.name);
		}
		return true;
	}

}
