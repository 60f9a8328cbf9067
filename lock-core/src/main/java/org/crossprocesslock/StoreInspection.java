package org.crossprocesslock;

import org.jspecify.annotations.Nullable;

/**
 * What all processes see: the keys and leases of the store that they share. For people
 * who look at it now and then, not for programs that decide by it.
 * <p>
 * Every method asks the store and blocks for no longer than one of its answers may take,
 * is not ended by an interrupt, and may be called from any thread. It uses neither the
 * connection of the heartbeat nor any other that acquiring and releasing need. Few such
 * calls are made at a time; who comes when too many are under way is refused.
 * </p>
 *
 * @since 0.1.0
 */
public interface StoreInspection {

	/**
	 * Looks at one key.
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
	 * Lists the processes that take part, those that hold nothing included.
	 * @param after the lease id after which to begin, {@code null} for the first
	 * @param limit how many, 1 to 10,000
	 * @return the report
	 * @throws IllegalArgumentException if the limit is out of this range
	 * @throws LockStoreException if the store failed or did not answer in time
	 */
	HoldersReport holders(@Nullable String after, int limit);

	/**
	 * Has the lease end that holds a key: it is renewed no more. <b>All</b> keys of that
	 * process are lost with it, since a process has one lease. If it runs, it learns so
	 * with its next renewal (a tenth of the lease duration, unless set otherwise), loses
	 * its guards, which is told to their users, and only then are the keys free. If it
	 * does not answer, they are free when the lease has run out. So never do two
	 * processes hold a key. The process opens a new lease at once and goes on.
	 * @param key the key
	 * @param token the token that the store has for it, see {@link StoredKey#token()}
	 * @return {@code false} if the key has another token by now, or nobody holds it;
	 * nothing happens then
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	boolean endLease(String key, long token);

	/**
	 * Frees a key that nobody has any more, but that its last grant keeps, see
	 * {@link StoredKey#keptFor()}.
	 * @param key the key
	 * @param token the token that the store has for it
	 * @return {@code false} if the key has another token by now, is held, or is not kept;
	 * nothing happens then
	 * @throws LockStoreException if it failed or is not known to have happened
	 */
	boolean endKeeping(String key, long token);

}
