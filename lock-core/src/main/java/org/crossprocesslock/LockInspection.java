package org.crossprocesslock;

/**
 * What a {@link LockManager} tells about itself, for those who watch and run a service.
 * Reading changes nothing, asks no store and takes a bounded time, so it can be done as
 * often as one likes, also while the store hangs. Safe from any thread.
 *
 * @since 0.1.0
 * @see LockManager#inspection()
 */
public interface LockInspection {

	/**
	 * What this manager has, what it waits for and how its lease is. No I/O.
	 * <p>
	 * <b>Consistent:</b> on a backend with leases all of it was true at one moment, but
	 * for what is only known to a guard (that it was lost, how long it is held). On the
	 * others each entry was true at some moment of the call. <b>Not promised:</b> that it
	 * is still true when this method returns.
	 * </p>
	 * @param limit how many entries each of the two lists has at most; zero for the
	 * counts and the lease alone
	 * @return the report
	 * @throws IllegalArgumentException if the limit is negative
	 */
	LockReport report(int limit);

	/**
	 * What this manager has of one key, and who waits for it here. No I/O.
	 * @param key any key, not checked
	 * @return the report; one about a key that nobody here has or wants is empty
	 */
	KeyReport report(String key);

}
