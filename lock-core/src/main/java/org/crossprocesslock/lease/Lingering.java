package org.crossprocesslock.lease;

import java.util.List;
import java.util.OptionalLong;

import org.crossprocesslock.engine.TimeSource;

/**
 * Which keys stay with this process for a while though nobody here has a guard of them,
 * so that the next one costs no statement: the second half of rule 12 of the protocol.
 * What does not linger is released.
 */
final class Lingering {

	/**
	 * How many of their longest pauses the others get afterwards, with the key released
	 * at every close: within the first they look, see that the key moves, and look
	 * quickly for the rest.
	 */
	private static final int PAUSES_FOR_OTHERS = 2;

	/**
	 * Pauses double, so that the longest one of somebody who has seen a key stand still
	 * is not much more than this many times as long as it has.
	 */
	private static final int PAUSE_PER_STANDSTILL = 2;

	private final long lingerNanos;

	private final long longestPauseNanos;

	private final Schedule<Grant> ends;

	Lingering(LeaseOptions options, Instants now) {
		this.lingerNanos = options.linger().toNanos();
		this.longestPauseNanos = TimeSource.nanos(options.maxBackoff());
		this.ends = new Schedule<>(now.nanos());
	}

	/**
	 * Nobody has a guard of the grant any more, and nobody here waits: answers whether
	 * the key stays. Its time counts from when this is asked first, however often it is
	 * taken until then.
	 */
	boolean begin(Grant grant, Instants now) {
		if (this.lingerNanos == 0 || !grant.canBeHandedOff() || !grant.key.wants.isEmpty()) {
			return false;
		}
		if (!grant.hasLingered && grant.key.mayLinger(now)) {
			grant.hasLingered = true;
			grant.lingersUntilNanos = now.nanos() + this.lingerNanos;
		}
		if (!isOpen(grant, now)) {
			return false;
		}
		// not cancelled when the key is taken: the timer would be set anew at every close
		this.ends.setAtTheLatest(grant, grant.lingersUntilNanos);
		return true;
	}

	/** Whether the key may be handed on because it might as well linger. */
	boolean isOpen(Grant grant, Instants now) {
		return grant.hasLingered && grant.key.wants.isEmpty() && now.isBefore(grant.lingersUntilNanos);
	}

	/** Another process wants the key: if it lingers, its time is over. */
	void wanted(KeyState key, Instants now) {
		Grant grant = key.lingering();
		if (grant != null) {
			this.ends.setAtTheLatest(grant, now.nanos());
		}
	}

	/** Those that nobody has taken and whose time is over. */
	List<Grant> over(Instants now) {
		return this.ends.takeDue(now.nanos()).stream().filter(Grant::isIdle).toList();
	}

	OptionalLong next() {
		return this.ends.next();
	}

	/** The key is released. */
	void released(Grant grant, Instants now) {
		this.ends.cancel(grant);
		if (grant.hasLingered) {
			long stoodStill = now.nanos() - grant.sinceNanos;
			long pause = Math.min(this.longestPauseNanos, PAUSE_PER_STANDSTILL * stoodStill);
			grant.key.lingersAgainAt(now.nanos() + PAUSES_FOR_OTHERS * pause);
		}
	}

	/** The key is lost. */
	void lost(Grant grant) {
		this.ends.cancel(grant);
	}

}
