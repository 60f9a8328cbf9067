package org.crossprocesslock.lease;

import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.engine.Claim;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.engine.TimeSource;

/** A {@link Hold} as the guard sees it. */
final class LeaseClaim implements Claim {

	private final Holding hold;

	private final MachineShell shell;

	private final LeaseMachine machine;

	private final TimeSource time;

	LeaseClaim(Holding hold, MachineShell shell, LeaseMachine machine, TimeSource time) {
		this.hold = hold;
		this.shell = shell;
		this.machine = machine;
		this.time = time;
	}

	@Override
	public long fencingToken() {
		return this.hold.token();
	}

	@Override
	public boolean isHeld() {
		return this.hold.isHeld(Instants.of(this.time));
	}

	@Override
	public String whyLost() {
		return this.hold.whyLost(Instants.of(this.time));
	}

	@Override
	public boolean isDirty() {
		return this.hold.grant().key.row.isDirty();
	}

	@Override
	public void clearDirty() {
		this.shell.clearDirty(this);
	}

	Holding hold() {
		return this.hold;
	}

	/** The machine that has granted it, and alone knows of it. */
	LeaseMachine machine() {
		return this.machine;
	}

	MachineShell shell() {
		return this.shell;
	}

	@Override
	public void requireRoom() {
		StackRoom.requireToEnd();
	}

	@Override
	public CompletableFuture<?> release() {
		this.shell.closed(this);
		return this.hold.released();
	}

	@Override
	public CompletableFuture<?> giveBack() {
		this.shell.givenBack(this);
		return this.hold.released();
	}

}
