package org.crossprocesslock.lease.jdbc;

import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.lease.GuardInCommit;

/**
 * A commit that {@link CommitFence#check} has let pass, waiting for its outcome. Until it
 * is told, a guard that is closed keeps its key. The first word counts, later ones do
 * nothing. Used by one thread at a time.
 *
 * @since 0.1.0
 */
public final class FencedCommit implements AutoCloseable {

	private List<GuardInCommit> guards = new ArrayList<>();

	FencedCommit() {
	}

	void add(GuardInCommit guard) {
		this.guards.add(guard);
	}

	List<GuardInCommit> guards() {
		return this.guards;
	}

	/** The commit has succeeded. */
	public void committed() {
		end(true);
	}

	/** The transaction has been rolled back. */
	public void rolledBack() {
		end(true);
	}

	/**
	 * Nobody knows, as when the connection broke while the commit was under way, unless
	 * the outcome was told before. The keys are then never handed on inside this process,
	 * and others get them when the database has ended the transaction.
	 */
	@Override
	public void close() {
		end(false);
	}

	private void end(boolean known) {
		List<GuardInCommit> ended = this.guards;
		this.guards = List.of();
		ended.forEach((guard) -> guard.end(known));
	}

}
