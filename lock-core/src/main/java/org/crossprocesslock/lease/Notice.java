package org.crossprocesslock.lease;

import java.util.List;

/**
 * A notification from one process to another about a key, so that a waiting process need
 * not wait for its next poll. May be lost, repeated or late: it only saves time.
 *
 * @param to the lease of the process that is notified
 * @param from the lease of the process that sends it
 * @param kind its meaning
 * @param key the key
 * @param waiting leases of processes that wait for the key, the one that has waited
 * longest first; if the key is free, those whose turn comes after the notified one
 * @since 0.1.0
 */
public record Notice(String to, String from, Kind kind, String key, List<String> waiting) {

	/**
	 * Copies the list.
	 */
	public Notice {
		waiting = List.copyOf(waiting);
	}

	/** The meaning of a notice. */
	public enum Kind {

		/** Others wait for a key that the process holds. */
		WANTED,

		/** The key is free, and it is the turn of the process. */
		FREE

	}

}
