package org.crossprocesslock.lease;

import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.engine.HeldLock;
import org.jspecify.annotations.Nullable;

/** One guard, as the machine sees it. */
final class Hold {

	private final Grant grant;

	private final long token;

	private final CompletableFuture<Void> released = new CompletableFuture<>();

	boolean closed;

	/** Transactions that are about to commit under this guard. */
	int commits;

	/** The guard's state, attached by the shell; absent in a simulation. */
	@Nullable HeldLock guard;

	Hold(Grant grant) {
		this.grant = grant;
		this.token = grant.currentToken();
	}

	Grant grant() {
		return this.grant;
	}

	long token() {
		return this.token;
	}

	boolean isHeld(Instants now) {
		return this.grant.term.isHeld(now);
	}

	boolean isInCommit() {
		return this.commits > 0;
	}

	/** Completes when the machine has said {@link Effect.Released}. */
	CompletableFuture<Void> released() {
		return this.released;
	}

}
