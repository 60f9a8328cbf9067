package org.crossprocesslock.lease;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A key that the store has granted to this process. Its token stands in the row; a
 * hand-off inside the process takes the next number of the grant's own range.
 */
final class Grant {

	final KeyState key;

	final LeaseTerm term;

	final long token;

	final long sinceNanos;

	final Set<Hold> open = new LinkedHashSet<>();

	/** Its time of lingering has begun, and lasts until then. */
	boolean hasLingered;

	long lingersUntilNanos;

	private int handOffs;

	private boolean handOffsEnded;

	private boolean shared;

	Grant(KeyState key, LeaseTerm term, long token, long sinceNanos) {
		this.key = key;
		this.term = term;
		this.token = token;
		this.sinceNanos = sinceNanos;
	}

	long currentToken() {
		return this.token + this.handOffs;
	}

	/** Nobody has a guard of it: the key lingers. */
	boolean isIdle() {
		return this.open.isEmpty();
	}

	boolean isShared() {
		return this.shared;
	}

	boolean canBeHandedOff() {
		return !this.handOffsEnded && this.handOffs + 1 < LeaseStore.TOKENS_PER_GRANT;
	}

	void endHandOffs() {
		this.handOffsEnded = true;
	}

	void handOff() {
		this.handOffs++;
	}

	Hold give(Waiter waiter) {
		this.shared = waiter.isShared();
		Hold hold = new Hold(this);
		this.open.add(hold);
		return hold;
	}

}
