package org.crossprocesslock.lease;

import java.util.List;

/**
 * What one process tells another about a key, so that nobody has to wait for the next
 * look. May be lost, repeated or late: nothing but time rests on it.
 *
 * @param to the lease of the process that is told
 * @param from the lease of the process that tells
 * @param kind what it says
 * @param key the key
 * @param waiting leases of processes that wait for the key, the one that has waited
 * longest first; if the key is free, those whose turn comes after the one that is told
 * @since 0.1.0
 */
public record Notice(String to, String from, Kind kind, String key, List<String> waiting) {

	/**
	 * Copies the list.
	 */
	public Notice {
		waiting = List.copyOf(waiting);
	}

	/** What a notice says. */
	public enum Kind {

		/** Others wait for a key that the process has. */
		WANTED,

		/** The key is free, and it is the turn of the process. */
		FREE

	}

}
