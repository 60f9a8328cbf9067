package org.crossprocesslock.lease;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.engine.HeldLock;
import org.jspecify.annotations.Nullable;

/** One guard, as the machine sees it. */
final class Holding {

	private final Grant grant;

	private final long token;

	private final CompletableFuture<Void> released = new CompletableFuture<>();

	boolean closed;

	/** Nobody has used it. */
	boolean unused;

	/** Transactions that are about to commit under this guard. */
	int commits;

	/** Why the machine has declared it lost; its lease may well go on. */
	private volatile @Nullable String lostReason;

	/** The guard's state, attached by the shell. */
	@Nullable HeldLock guard;

	Holding(Grant grant) {
		this.grant = grant;
		this.token = grant.currentToken();
	}

	Grant grant() {
		return this.grant;
	}

	long token() {
		return this.token;
	}

	/** The state that the guard's user sees. */
	HeldLock told() {
		return Objects.requireNonNull(this.guard);
	}

	boolean isHeld(Instants now) {
		return this.lostReason == null && this.grant.term.isHeld(now);
	}

	/** Nothing revives it. */
	void lose(String reason) {
		this.lostReason = reason;
	}

	/** Why it is not held any more, to follow a colon in a sentence. */
	String whyLost(Instants now) {
		String reason = this.lostReason;
		return (reason != null) ? reason : this.grant.term.whyOver(now);
	}

	boolean isInCommit() {
		return this.commits > 0;
	}

	/** Completes when the machine has said {@link Effect.Released}. */
	CompletableFuture<Void> released() {
		return this.released;
	}

}
