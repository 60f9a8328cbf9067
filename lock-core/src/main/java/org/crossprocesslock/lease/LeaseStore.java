package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.jspecify.annotations.Nullable;

/**
 * The two tables of the lease protocol and the statements on them. A store decides
 * nothing beyond what its statements say: no waiting for other holders, no retry of a
 * busy key, no clock of this host.
 * <p>
 * <b>Tables.</b> A <i>lease</i> row has an id (random, inserted once, never reused), the
 * holder's name, an expiry, the duration and a renewal counter. A <i>lock</i> row has a
 * key, a lease id or nothing, a fencing token and the lease id of the last acquisition,
 * which survives release. So do, if the last acquisition keeps its key for a time, the
 * moment until which it does and that time. All times come from the store's own clock,
 * read when the statement runs.
 * </p>
 * <p>
 * <b>Every method</b> is one transaction (or one per statement, where said) that is
 * committed when it returns, sees the latest committed rows, blocks on I/O for no longer
 * than {@link #answerLimit()}, is not ended by an interrupt, and throws
 * {@link LockStoreException} when it is not known to have happened. Serialization
 * failures and deadlocks are tried again inside, never reported as busy.
 * </p>
 * <p>
 * <b>Threads.</b> The methods are called by any thread: those that touch leases only
 * ({@link #open}, {@link #renew}, {@link #end}, {@link #takeOver}) one at a time, the
 * others up to three at a time, which never acquire or release the same key. None may
 * wait for another, a renewal least of all.
 * </p>
 *
 * @since 0.1.0
 */
public interface LeaseStore extends AutoCloseable {

	/**
	 * How far apart the tokens of two grants of a key are at least: the numbers between
	 * are for hand-offs inside the process that has the grant.
	 */
	long TOKENS_PER_GRANT = 1000;

	/**
	 * Inserts a lease row that expires after the duration.
	 * @param leaseId an id never used before
	 * @param holder the readable name of the process
	 * @param duration the lease duration
	 * @return where and when it ran
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	Kept open(String leaseId, String holder, Duration duration);

	/**
	 * Extends the lease by its own duration from the store's present time, and counts its
	 * renewal counter up. Never creates a row.
	 * @param leaseId the lease
	 * @return where and when it ran, nothing if the row does not exist
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	Optional<Kept> renew(String leaseId);

	/**
	 * Deletes the lease row if there is one.
	 * @param leaseId the lease
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	void end(String leaseId);

	/**
	 * Ends the leases that a predecessor of the same stable name has left: reads their
	 * ids, then deletes those ids in a second statement (never by name, which would hit a
	 * lease opened in between).
	 * @param holder the stable name
	 * @return how many leases were ended
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	int takeOver(String holder);

	/**
	 * Takes those of the keys that are free: the row is absent, has no lease id, or has
	 * the lease id that the order says is dead. A row with the requester's own lease id
	 * is never taken, nor one that is {@linkplain KeyLook#kept kept}. Never waits for a
	 * row that another transaction has locked: that key is busy. A taken row gets the
	 * lease id, the token
	 * {@code max(old + TOKENS_PER_GRANT, store clock in microseconds)} and the lease id
	 * as its last one. It is kept for the time of the order from then on, or not at all.
	 * A row that cannot be processed fails by itself.
	 * <p>
	 * <b>Too late.</b> A row is taken only if the store's clock is not past
	 * {@code notAfter} when the statement comes to the row, whenever that is. What it has
	 * taken by then it may commit later, but within {@link #answerLimit()}.
	 * </p>
	 * <p>
	 * <b>Busy.</b> A key that is not taken is polled in the same call, by the rules of
	 * {@link #look}. If that finds it with another lease, which has not expired, and the
	 * order says that the requester waits, the holder is notified by a
	 * {@link Notice.Kind#WANTED} from the requester, on a store that has notifications.
	 * </p>
	 * @param leaseId the lease to take them for
	 * @param notAfter the last moment of the store's clock, in microseconds, at which
	 * anything may be taken
	 * @param orders the keys, each once, in ascending order
	 * @return one result for each order, in any order
	 * @throws LockStoreException if it failed or is not known to have happened; any of
	 * the keys may have been taken then
	 */
	List<AcquireResult> acquire(String leaseId, long notAfter, List<AcquireOrder> orders);

	/**
	 * Frees the rows that match key, lease id and token, which may well be
	 * {@linkplain KeyLook#kept kept} further on, and sends notices to other processes in
	 * the same step, so that no process is notified of a release that has not happened
	 * yet. A row that does not match is no error. One that matches but is locked by
	 * another transaction is skipped: it never waits. Unlike everything else a release
	 * need not survive a crash of the store that comes soon after it, and may take a
	 * statement more for those that are {@linkplain ReleaseOrder#unused unused}, see
	 * {@link Kept#session}; but whatever is committed after the release, and so may rest
	 * on it, does not survive without it.
	 * <p>
	 * Notices may get lost, come late or come twice. A store without notifications drops
	 * them.
	 * </p>
	 * @param orders what to free, perhaps nothing
	 * @param notices the notices to send, perhaps none
	 * @return the keys of the orders whose row still matches, because another transaction
	 * had it locked; their notices were still sent
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	Set<String> release(List<ReleaseOrder> orders, List<Notice> notices);

	/**
	 * Delivers the notices to a lease, from soon after this call until the next one or
	 * until {@link #close}. Does not wait for I/O. The default never delivers any.
	 * @param leaseId the lease
	 * @param receiver receives the notices
	 */
	default void listen(String leaseId, NoticeReceiver receiver) {
	}

	/**
	 * Reads the rows of the keys and of the leases they name. Writes nothing and locks
	 * nothing. A lease is reported missing only if the lock row was read by an earlier
	 * statement than the one that did not find the lease, or both in one snapshot, and
	 * never from a replica.
	 * @param keys the keys, each once
	 * @return what it found and when
	 * @throws LockStoreException if it failed
	 */
	Looked look(List<String> keys);

	/**
	 * Deletes the lease row if it has expired by the store's clock, serialised against
	 * renewals.
	 * @param leaseId the lease
	 * @return whether this call deleted it
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	boolean reap(String leaseId);

	/**
	 * Deletes the lease row if its renewal counter still has the value, serialised
	 * against renewals.
	 * @param leaseId the lease
	 * @param counter the value seen unchanged for longer than the lease's duration
	 * @return whether this call deleted it
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	boolean reapUnchanged(String leaseId, long counter);

	/**
	 * Removes unused rows: lock rows without a lease id, or with that of a lease which is
	 * gone, whose token is older than the store's clock less the age, and which are not
	 * {@linkplain KeyLook#kept kept}; leases that have expired and that no lock row
	 * names; and leases that have expired for longer than the age. Skips rows that are
	 * locked and may stop after some thousand; one transaction per statement.
	 * @param age how long an unused row stays
	 * @return whether it stopped before the last of them
	 * @throws LockStoreException if it failed
	 */
	boolean purge(Duration age);

	/**
	 * The contents of the store for operators. A lease that was ended by
	 * {@link StoreInspection#endLease} must not be renewed: {@link #renew} finds no row.
	 * @return empty if there is none
	 */
	default Optional<StoreInspection> inspection() {
		return Optional.empty();
	}

	/**
	 * Whether the connections are the store's own, outside of any pool that others use.
	 * No I/O.
	 * @return what is so now, empty if that is not known
	 */
	default Optional<Boolean> hasOwnConnections() {
		return Optional.empty();
	}

	/**
	 * The longest time after a call has begun in which a statement of it may still run in
	 * the store, whatever the call itself answered. Well below the lease duration.
	 * @return the limit
	 */
	Duration answerLimit();

	/**
	 * Gives up the store's connections. A call that is still under way, because the store
	 * has not answered in time, and any later one fail with {@link LockStoreException}.
	 */
	@Override
	void close();

	/**
	 * A lease was opened or renewed.
	 *
	 * @param clock the store's clock in microseconds when the statement ran
	 * @param session identifies the session of the store in which it ran, equal only to
	 * itself. Where this call and an earlier one ran in one session the store has not
	 * crashed in between, and no {@link #release release} that was answered before the
	 * second was sent can be undone any more, but by a fail-over. What follows the last
	 * {@code " of "} in it, or all of it, is the server, which a fail-over changes. A
	 * store whose releases are as durable as all else need not tell its sessions apart,
	 * and one without fail-over may say the same for ever
	 * @param leases how many lease rows there were, this one included
	 */
	record Kept(long clock, String session, int leases) {

		/**
		 * Checks that the store has said where the statement ran.
		 */
		public Kept {
			Objects.requireNonNull(session, "The lock store did not say in which session it ran a statement");
		}

	}

	/**
	 * A key to acquire.
	 *
	 * @param key the key
	 * @param deadLeaseId a lease id known to be dead, whose row may be taken
	 * @param waits whether the requester goes on waiting if the key is busy, of which its
	 * holder is to be notified
	 * @param keep for how long no acquisition takes the key after this one, whatever
	 * becomes of the lease; zero for not at all
	 */
	record AcquireOrder(String key, @Nullable String deadLeaseId, boolean waits, Duration keep) {

		/**
		 * An order that keeps nothing.
		 * @param key the key
		 * @param deadLeaseId as above
		 * @param waits as above
		 */
		public AcquireOrder(String key, @Nullable String deadLeaseId, boolean waits) {
			this(key, deadLeaseId, waits, Duration.ZERO);
		}

	}

	/**
	 * A row to free.
	 *
	 * @param key the key
	 * @param leaseId the lease it was granted to
	 * @param token the token of that grant
	 * @param unused whether no caller has received a guard of the grant, or an operator
	 * frees the key, so that it is not kept either
	 */
	record ReleaseOrder(String key, String leaseId, long token, boolean unused) {

		/**
		 * The release of a grant that was used, and keeps its key if it was to.
		 * @param key the key
		 * @param leaseId as above
		 * @param token as above
		 */
		public ReleaseOrder(String key, String leaseId, long token) {
			this(key, leaseId, token, false);
		}

	}

	/** What became of one order. */
	sealed interface AcquireResult {

		/**
		 * The key.
		 * @return the key of the order
		 */
		String key();

	}

	/**
	 * The row is ours now.
	 *
	 * @param key the key
	 * @param token the token of this grant
	 * @param previousLeaseId the lease id of the acquisition before, {@code null} if the
	 * row did not exist
	 */
	record Granted(String key, long token, @Nullable String previousLeaseId) implements AcquireResult {

	}

	/**
	 * Nothing was written.
	 *
	 * @param seen what a poll of the key found after the attempt or in the same snapshot.
	 * It may find no holder, or a dead lease: another process was just taking the key, or
	 * has released it since, or keeps its row locked
	 */
	record Busy(KeyLook seen) implements AcquireResult {

		@Override
		public String key() {
			return this.seen.key();
		}

	}

	/**
	 * Nothing was written, nor will be: the store's clock was past the moment given.
	 *
	 * @param key the key
	 */
	record TooLate(String key) implements AcquireResult {

	}

	/**
	 * This row could not be processed; nothing was written to it.
	 *
	 * @param key the key
	 * @param failure why
	 */
	record Failed(String key, LockStoreException failure) implements AcquireResult {

	}

	/**
	 * What a look found.
	 *
	 * @param clock the store's clock in microseconds, read before any of the rows
	 * @param keys one look for each key, in any order
	 */
	record Looked(long clock, List<KeyLook> keys) {

	}

	/**
	 * What a look found about one key.
	 *
	 * @param key the key
	 * @param leaseId the lease id in the row, {@code null} if it has none or there is no
	 * row
	 * @param token the token in the row, zero if there is no row
	 * @param lease the lease that the row names, {@code null} if there is none any more
	 * @param kept for how long nobody takes the row whatever lease it names, {@code null}
	 * if it is not kept: for as long as its last acquisition is to keep it by the store's
	 * clock. What would be kept for more than twice the time of the order is not: the
	 * clock was set back since
	 */
	record KeyLook(String key, @Nullable String leaseId, long token, @Nullable LeaseLook lease,
			@Nullable Duration kept) {

		/**
		 * What a look found about a key that is not kept.
		 * @param key the key
		 * @param leaseId as above
		 * @param token as above
		 * @param lease as above
		 */
		public KeyLook(String key, @Nullable String leaseId, long token, @Nullable LeaseLook lease) {
			this(key, leaseId, token, lease, null);
		}

	}

	/**
	 * A lease as a look found it.
	 *
	 * @param holder the readable name of its process
	 * @param remaining the time until it expires by the store's clock, negative if it has
	 * @param duration its duration
	 * @param counter its renewal counter
	 */
	record LeaseLook(String holder, Duration remaining, Duration duration, long counter) {

	}

}
