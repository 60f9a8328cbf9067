package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;

/**
 * A key that the store has granted to this process. Its token stands in the row; a
 * hand-off inside the process takes the next number of the grant's own range: rule 12 of
 * the protocol.
 */
final class Grant {

	/**
	 * For how long a grant is handed on inside this process before other processes get
	 * their chance.
	 */
	static final long HAND_OFF_NANOS = 100_000_000L;

	/** The same while others are known to wait. */
	static final long WANTED_HAND_OFF_NANOS = 10_000_000L;

	final Key key;

	final LeaseTerm term;

	final long token;

	final long sinceNanos;

	private final Set<Holding> open = new LinkedHashSet<>();

	private boolean hasLingered;

	private long lingersUntilNanos;

	private int handOffs;

	private boolean handOffsEnded;

	/** The key is kept from everybody for a time, however soon it is released. */
	private boolean keepsKey;

	private boolean shared;

	Grant(Key key, LeaseTerm term, long token, long sinceNanos) {
		this.key = key;
		this.term = term;
		this.token = token;
		this.sinceNanos = sinceNanos;
	}

	long currentToken() {
		return this.token + this.handOffs;
	}

	ReleaseOrder releaseOrder() {
		return new ReleaseOrder(this.key.name, this.term.id(), this.token);
	}

	/** Its key is not kept afterwards, if it was to be. */
	ReleaseOrder releaseOrderThatKeepsNothing() {
		return new ReleaseOrder(this.key.name, this.term.id(), this.token, this.keepsKey);
	}

	/** Nobody has a guard of it: the key lingers. */
	boolean isIdle() {
		return this.open.isEmpty();
	}

	boolean isShared() {
		return this.shared;
	}

	/** What to tell of it while nobody has a guard of it. */
	HeldKey report(Instants now) {
		return new HeldKey(this.key.name, null, this.shared ? LockMode.SHARED_IN_PROCESS : LockMode.EXCLUSIVE,
				currentToken(), Duration.ofNanos(now.nanos() - this.sinceNanos), HeldKey.State.LINGERING);
	}

	/** Whether it was granted a moment ago: to others, it makes no difference yet. */
	boolean isYoung(boolean wanted, Instants now) {
		return now.isBefore(this.sinceNanos + (wanted ? WANTED_HAND_OFF_NANOS : HAND_OFF_NANOS));
	}

	boolean canBeHandedOff() {
		return !this.handOffsEnded && this.handOffs + 1 < LeaseStore.TOKENS_PER_GRANT
				&& currentToken() < Long.MAX_VALUE;
	}

	void endHandOffs() {
		this.handOffsEnded = true;
	}

	void keepKey() {
		this.keepsKey = true;
		endHandOffs();
	}

	void handOff() {
		this.handOffs++;
	}

	Holding give(Waiter waiter) {
		this.shared = waiter.isShared();
		Holding hold = new Holding(this);
		this.open.add(hold);
		return hold;
	}

	void close(Holding hold) {
		this.open.remove(hold);
	}

	/** Those that were not closed by their users, who must be told. */
	List<Holding> lose(String reason) {
		// seen at once, whenever the users are told
		this.open.forEach((hold) -> hold.lose(reason));
		return this.open.stream().filter((hold) -> !hold.closed).toList();
	}

	/** Begins to linger, once: however often the key is taken then, its time goes on. */
	void linger(long nanos, Instants now) {
		if (!this.hasLingered) {
			this.hasLingered = true;
			this.lingersUntilNanos = now.nanos() + nanos;
		}
	}

	boolean hasLingered() {
		return this.hasLingered;
	}

	boolean lingers(Instants now) {
		return this.hasLingered && now.isBefore(this.lingersUntilNanos);
	}

	long lingersUntilNanos() {
		return this.lingersUntilNanos;
	}

}
