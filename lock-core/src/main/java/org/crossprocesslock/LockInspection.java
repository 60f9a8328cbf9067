package org.crossprocesslock;

import java.util.Optional;

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

	/**
	 * Takes a key from its guards in this process, for an operator who knows that it must
	 * be: first they are lost, which their users are told, then the key is released. It
	 * is on its way to others when this method returns. What goes on under a lost guard
	 * is not ended; a fenced transaction that has passed its check commits first. The one
	 * method here that changes something; no I/O in the calling thread.
	 * @param key the key
	 * @param token the token of its guards, see {@link HeldKey#token()}
	 * @return {@code false} if this manager does not hold the key under this token;
	 * nothing happens then
	 */
	boolean release(String key, long token);

	/**
	 * What all processes see.
	 * @return empty if nothing but this process can be asked, as with locks in memory and
	 * in files
	 */
	default Optional<StoreInspection> store() {
		return Optional.empty();
	}

}
