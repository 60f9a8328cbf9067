package org.crossprocesslock.lease;

import org.crossprocesslock.Internal;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.jspecify.annotations.Nullable;

/**
 * A guard under which a transaction is about to commit. For the fences of stores;
 * applications use the fence.
 * <p>
 * <b>Guaranteed:</b> from {@link #begin} to {@link #end} the key is neither released nor
 * handed on inside this process, also when the guard is closed meanwhile: {@code close()}
 * then returns at once and the release follows the end. <b>Not guaranteed:</b> that the
 * lease lasts for so long; what the store says of the row in the transaction itself
 * decides. Safe from any thread.
 * </p>
 *
 * @since 0.1.0
 */
@Internal
public final class GuardInCommit {

	private final LeaseClaim claim;

	private final LockGuard guard;

	private GuardInCommit(LockGuard guard, LeaseClaim claim) {
		this.guard = guard;
		this.claim = claim;
	}

	/**
	 * Whether a guard was granted by a {@link LeaseLockManager} on the store.
	 * @param guard any guard
	 * @param store a store
	 * @return whether {@link #begin} accepts it
	 */
	public static boolean isGrantedBy(LeaseStore store, LockGuard guard) {
		return claimOn(store, guard) != null;
	}

	/**
	 * Puts a guard into commit. No I/O.
	 * @param store the store that has the row
	 * @param guard a guard granted by a {@link LeaseLockManager} on that store
	 * @return what to {@link #end} when the transaction is over
	 * @throws IllegalArgumentException if it is no such guard
	 * @throws IllegalStateException if the guard is closed
	 * @throws LockLostException if the guard is lost
	 */
	public static GuardInCommit begin(LeaseStore store, LockGuard guard) {
		LeaseClaim claim = requireGrantedBy(store, guard);
		CommitStart start = claim.shell().commitBegun(claim);
		if (start == CommitStart.LOST) {
			throw new LockLostException(guard.key(), guard.fencingToken(), claim.whyLost());
		}
		if (start == CommitStart.CLOSED) {
			throw new IllegalStateException(
					"The guard of key '" + guard.key() + "' was closed before the transaction under it could commit");
		}
		return new GuardInCommit(guard, claim);
	}

	/**
	 * Goes on if a guard was granted by a {@link LeaseLockManager} on the store.
	 * @param store a store
	 * @param guard any guard
	 * @throws IllegalArgumentException if it was not
	 */
	public static void checkGrantedBy(LeaseStore store, LockGuard guard) {
		LeaseClaim unused = requireGrantedBy(store, guard);
	}

	private static LeaseClaim requireGrantedBy(LeaseStore store, LockGuard guard) {
		LeaseClaim claim = claimOn(store, guard);
		if (claim == null) {
			throw new IllegalArgumentException("The guard of key '" + guard.key()
					+ "' was not granted from the tables of this fence: " + guard.getClass().getName());
		}
		return claim;
	}

	private static @Nullable LeaseClaim claimOn(LeaseStore store, LockGuard guard) {
		return (HeldLock.claimOf(guard) instanceof LeaseClaim claim && claim.shell().isOn(store)) ? claim : null;
	}

	/**
	 * The key of the row.
	 * @return the key
	 */
	public String key() {
		return this.guard.key();
	}

	/**
	 * Whether a row as it was read in the transaction carries this guard's grant. If not,
	 * the guard is lost.
	 * @param leaseId the lease id in the row
	 * @param token the token in the row
	 * @return whether it is the one of the grant, which a hand-off does not change
	 */
	public boolean isCarriedBy(String leaseId, long token) {
		Grant grant = this.claim.hold().grant();
		return grant.term.id().equals(leaseId) && grant.token == token;
	}

	/**
	 * Declares the guard lost: the row does not carry its grant any more.
	 * @return what to throw
	 */
	public LockLostException taken() {
		String reason = "its row belongs to another holder, as the check before a commit found";
		this.claim.shell().taken(this.claim, reason);
		return new LockLostException(key(), this.guard.fencingToken(), reason);
	}

	/**
	 * The transaction is over. Called exactly once.
	 * @param known whether it is known to have committed or rolled back; if not, its row
	 * may still be locked, and the key is given up by the store alone
	 */
	public void end(boolean known) {
		this.claim.shell().commitEnded(this.claim, known);
	}

}
