package org.crossprocesslock;

import java.util.Optional;

/**
 * The state of a {@link LockManager}, for monitoring and operation. Reading changes
 * nothing, does not query the store and takes a bounded time, so it can be done often,
 * also while the store hangs. Safe from any thread.
 *
 * @since 0.1.0
 * @see LockManager#inspection()
 */
public interface LockInspection {

	/**
	 * The keys that this manager holds and waits for, and its lease. No I/O.
	 * <p>
	 * <b>Consistent:</b> on a backend with leases all of it was true at one moment,
	 * except the state of single guards (lost, time held). On the others each entry was
	 * true at some moment of the call. <b>Not promised:</b> that it is still true when
	 * this method returns.
	 * </p>
	 * @param limit how many entries each of the two lists has at most; zero for the
	 * counts and the lease alone
	 * @return the report
	 * @throws IllegalArgumentException if the limit is negative
	 */
	LockReport report(int limit);

	/**
	 * The guards and waiting requests of one key in this manager. No I/O.
	 * @param key any key, not checked
	 * @return the report, empty if the key is neither held nor waited for here
	 */
	KeyReport report(String key);

	/**
	 * Releases a key of this process by force, for an operator: first its guards are lost
	 * and report that, then the key is released. The release is under way when this
	 * method returns. Work under a lost guard is not stopped; a fenced transaction that
	 * has passed its check commits first. The only method here that changes something; no
	 * I/O in the calling thread.
	 * @param key the key
	 * @param token the token of its guards, see {@link HeldKey#token()}
	 * @return {@code false} if this manager does not hold the key under this token;
	 * nothing happens then
	 */
	boolean release(String key, long token);

	/**
	 * The state that all processes share.
	 * @return empty on backends without a store, such as locks in memory and in files
	 */
	default Optional<StoreInspection> store() {
		return Optional.empty();
	}

}
