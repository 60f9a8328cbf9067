package org.crossprocesslock.lease;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of other processes' leases, by their ids. Bounded: that of the lease
 * known for longest is forgotten first.
 *
 * @param <V> what is known of a lease
 */
final class LeaseMemory<V> extends LinkedHashMap<String, V> {

	private static final long serialVersionUID = 1L;

	private static final int REMEMBERED = 1000;

	@Override
	protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
		return size() > REMEMBERED;
	}

}
