package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Keys whose release under the present lease may still be undone: rule 8 of the protocol.
 * By a crash of the store, which ends every session, until a renewal has flushed what was
 * released before it. And by a fail-over to a server that lacks it, which may be behind
 * by any time: for that the last ones are remembered for about a lease duration.
 */
final class UnflushedReleases {

	/** So many are remembered until a renewal is worth its while. */
	static final int MANY = 10_000;

	/** What a session says of its server follows this. */
	private static final String OF = " of ";

	private final Set<String> underWay = new HashSet<>();

	/** The number of renewals that had been sent when the release was answered. */
	private final Map<String, Long> answered = new LinkedHashMap<>();

	/** The same for those that are flushed, the earliest first, so many at most. */
	private final Map<String, Long> flushed = new LinkedHashMap<>();

	private long renewals;

	private @Nullable String session;

	private @Nullable String server;

	void sent(String key) {
		this.answered.remove(key);
		this.flushed.remove(key);
		this.underWay.add(key);
	}

	/** No release of the key is under way any more, whether it was answered or not. */
	void ended(String key) {
		if (this.underWay.remove(key)) {
			this.answered.put(key, this.renewals);
		}
	}

	void renewalSent() {
		this.renewals++;
	}

	/**
	 * The lease was opened, or the renewal sent last has run, in the session. Answers the
	 * keys whose release may have been undone. Connections that are borrowed are in
	 * another session each time, but of the same server, so that each release is doubted
	 * once at most for their sake.
	 */
	List<String> kept(String session) {
		List<String> undone = new ArrayList<>();
		String server = session.substring(session.lastIndexOf(OF) + 1);
		if (!server.equals(this.server)) {
			undone.addAll(this.flushed.keySet());
			this.server = server;
		}
		if (!session.equals(this.session)) {
			undone.addAll(this.answered.keySet());
			undone.addAll(this.underWay);
			this.session = session;
		}
		flushed();
		return undone;
	}

	private void flushed() {
		for (Iterator<Map.Entry<String, Long>> each = this.answered.entrySet().iterator(); each.hasNext();) {
			Map.Entry<String, Long> release = each.next();
			if (release.getValue() < this.renewals) {
				this.flushed.put(release.getKey(), release.getValue());
				each.remove();
			}
		}
		int surplus = this.flushed.size() - MANY;
		for (Iterator<Long> each = this.flushed.values().iterator(); each.hasNext();) {
			if (each.next() >= this.renewals - LeaseOptions.RENEWALS_PER_LEASE && surplus <= 0) {
				break;
			}
			each.remove();
			surplus--;
		}
	}

	boolean areMany() {
		return this.answered.size() > MANY;
	}

	/** The lease is over: whatever it has left hurts nobody. */
	void forgetAll() {
		this.answered.clear();
		this.flushed.clear();
		this.underWay.clear();
	}

}
