package org.crossprocesslock;

import org.jspecify.annotations.Nullable;

/**
 * The keys and leases of the store that all processes share. For occasional use by
 * operators, not for programs that decide by it.
 * <p>
 * Every method queries the store and blocks for no longer than one of its answers may
 * take, is not ended by an interrupt, and may be called from any thread. It uses neither
 * the connection of the heartbeat nor those for acquiring and releasing. The number of
 * such calls at a time is limited; further ones are refused.
 * </p>
 *
 * @since 0.1.0
 */
public interface StoreInspection {

	/**
	 * Reads the state of one key.
	 * @param key any key, not checked
	 * @return a report with this one key; without a token and a holder if the store does
	 * not know it
	 * @throws LockStoreException if the store failed or did not answer in time
	 */
	StoreReport look(String key);

	/**
	 * Lists the keys that the store knows, in the order of the store, free ones included
	 * (a row stays for about a day after its release).
	 * @param after the key after which to begin, {@code null} for the first
	 * @param limit how many, 1 to 10,000
	 * @return the report
	 * @throws IllegalArgumentException if the limit is out of this range
	 * @throws LockStoreException if the store failed or did not answer in time
	 */
	StoreReport keys(@Nullable String after, int limit);

	/**
	 * Lists the processes that have a lease, including those that hold nothing, and dead
	 * ones until their lease is deleted.
	 * @param after the lease id after which to begin, {@code null} for the first
	 * @param limit how many, 1 to 10,000
	 * @return the report
	 * @throws IllegalArgumentException if the limit is out of this range
	 * @throws LockStoreException if the store failed or did not answer in time
	 */
	HoldersReport holders(@Nullable String after, int limit);

	/**
	 * Ends the lease that holds a key: it can no longer be renewed. <b>All</b> keys of
	 * that process are lost with it, since a process has one lease. If the process runs,
	 * it detects that with its next renewal (after a tenth of the lease duration, unless
	 * set otherwise), loses its guards, which report it, and only then are the keys free.
	 * If it does not respond, they are free when the lease has run out. So two processes
	 * never hold a key. The process opens a new lease at once.
	 * @param key the key
	 * @param token the token that the store has for it, see {@link StoredKey#token()}
	 * @return {@code false} if the key has another token by now, or is not held; nothing
	 * happens then
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	boolean endLease(String key, long token);

	/**
	 * Frees a key that is not held but kept by its last grant, see
	 * {@link StoredKey#keptFor()}.
	 * @param key the key
	 * @param token the token that the store has for it
	 * @return {@code false} if the key has another token by now, is held, or is not kept;
	 * nothing happens then
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	boolean endKeeping(String key, long token);

}
