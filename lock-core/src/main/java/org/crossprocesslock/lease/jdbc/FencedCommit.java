package org.crossprocesslock.lease.jdbc;

import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.lease.GuardInCommit;

/**
 * A commit that has passed {@link CommitFence#check}, waiting for its outcome. Until that
 * is reported, a closed guard keeps its key. The first report counts, later ones have no
 * effect. Used by one thread at a time.
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
	 * The outcome is unknown, as when the connection broke during the commit, unless it
	 * was reported before. The keys are then never handed on inside this process, and are
	 * free for others when the database has ended the transaction.
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
