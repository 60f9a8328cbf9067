package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Keys whose release under the present lease a crash of the store may still undo: rule 8
 * of the protocol. A renewal is flushed, and with it what was released before, provided
 * that the store has not crashed in between, which ends every session.
 */
final class UnflushedReleases {

	/** So many are remembered until a renewal is worth its while. */
	static final int MANY = 10_000;

	private final Set<String> underWay = new HashSet<>();

	/** The number of renewals that had been sent when the release was answered. */
	private final Map<String, Long> answered = new LinkedHashMap<>();

	private long renewals;

	private @Nullable String session;

	void sent(String key) {
		this.answered.remove(key);
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
	 * keys whose release may have been undone.
	 */
	List<String> kept(String session) {
		List<String> undone = new ArrayList<>();
		if (!session.equals(this.session)) {
			undone.addAll(this.answered.keySet());
			undone.addAll(this.underWay);
			this.session = session;
		}
		this.answered.values().removeIf((before) -> before < this.renewals);
		return undone;
	}

	boolean areMany() {
		return this.answered.size() > MANY;
	}

	/** The lease is over: whatever it has left hurts nobody. */
	void forgetAll() {
		this.answered.clear();
		this.underWay.clear();
	}

}
