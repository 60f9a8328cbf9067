package org.crossprocesslock;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The order in which all calls take the keys of several requests, so that they never
 * deadlock: a call that waits for a key holds only keys that come before it. For
 * implementations of {@link LockManager}.
 *
 * @since 0.1.0
 */
public final class LockOrder {

	private LockOrder() {
	}

	/**
	 * The requests in the order of their keys, each key once: by its first request, but
	 * exclusively if one of them asks for that, and held at least for the longest time.
	 * @param requests requests for any keys
	 * @return at least one request
	 * @throws IllegalArgumentException if there is none, which must not pass for having
	 * all that is needed, there are more keys than {@value LockGuards#MAX_KEYS}, or one
	 * of several is to be {@linkplain LockRequest#holdAtLeast() held at least} for a
	 * time, for which it would be kept even if another one is busy
	 */
	public static List<LockRequest> of(Collection<LockRequest> requests) {
		TreeMap<String, LockRequest> byKey = new TreeMap<>();
		for (LockRequest request : requests) {
			byKey.merge(request.key(), request, LockOrder::both);
		}
		if (byKey.isEmpty()) {
			throw new IllegalArgumentException("There is no key to lock, so that the work would run without a lock");
		}
		if (byKey.size() > LockGuards.MAX_KEYS) {
			throw new IllegalArgumentException(byKey.size() + " keys are more than " + LockGuards.MAX_KEYS + ", from '"
					+ byKey.firstKey() + "' to '" + byKey.lastKey() + "'; lock something that stands for all");
		}
		byKey.values()
			.stream()
			.filter((request) -> byKey.size() > 1 && !request.holdAtLeast().isZero())
			.findFirst()
			.ifPresent((request) -> {
				throw new IllegalArgumentException("Key '" + request.key() + "' cannot be held for "
						+ request.holdAtLeast() + " at least beside other keys: it would be kept even if one of those "
						+ "is busy and nothing is done; hold one key that stands for all");
			});
		return List.copyOf(byKey.values());
	}

	private static LockRequest both(LockRequest first, LockRequest next) {
		LockRequest both = (next.mode() == LockMode.EXCLUSIVE) ? first.withMode(next.mode()) : first;
		return (next.holdAtLeast().compareTo(both.holdAtLeast()) > 0) ? both.holdingAtLeast(next.holdAtLeast()) : both;
	}

}
