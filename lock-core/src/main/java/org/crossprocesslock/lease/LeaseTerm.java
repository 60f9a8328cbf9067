package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * The local life of one lease: until when this process may believe in it. Once over it
 * stays over, also when a reader noticed before the machine did, so that no guard that
 * was seen lost is ever seen held. Safe from any thread, never blocks.
 */
final class LeaseTerm {

	/**
	 * What is taken off the duration, since this host's clock may run slower than the
	 * store's: one part in this many.
	 */
	static final int DRIFT_MARGIN_DIVISOR = 10;

	private record Deadline(long nanos, long wallMillis) {

	}

	private final String id;

	private final Duration duration;

	private volatile long lastSentNanos;

	private volatile @Nullable String endReason;

	// null once it is over
	private final AtomicReference<@Nullable Deadline> deadline;

	LeaseTerm(String id, Duration duration, Instants sent) {
		this.id = id;
		this.duration = duration;
		this.deadline = new AtomicReference<>(deadlineFor(sent));
		this.lastSentNanos = sent.nanos();
	}

	String id() {
		return this.id;
	}

	boolean isHeld(Instants now) {
		while (true) {
			Deadline current = this.deadline.get();
			if (current == null) {
				return false;
			}
			if (now.isBefore(current.nanos()) && now.wallMillis() < current.wallMillis()) {
				return true;
			}
			if (this.deadline.compareAndSet(current, null)) {
				return false;
			}
		}
	}

	/**
	 * Counts a renewal that was sent at the given time; nothing revives a term that is
	 * over.
	 */
	void extend(Instants sent) {
		this.lastSentNanos = sent.nanos();
		Deadline extended = deadlineFor(sent);
		this.deadline.updateAndGet(
				(current) -> (current == null || extended.nanos() - current.nanos() < 0) ? current : extended);
	}

	/** Why it is over, to follow a colon in a sentence. */
	String whyOver(Instants now) {
		String told = this.endReason;
		// the last answered statement that counted for it: a renewal, or its opening
		return String.format(Locale.ROOT, "%s (last renewal %.1f s ago)",
				(told != null) ? told : "the lease was not renewed in time", (now.nanos() - this.lastSentNanos) / 1e9);
	}

	/** When the last statement was sent that counted for it. */
	long lastSentNanos() {
		return this.lastSentNanos;
	}

	void end(@Nullable String reason) {
		this.endReason = reason;
		this.deadline.set(null);
	}

	/** When the monotonic clock ends it, or the given time if it is over. */
	long deadlineNanos(long ifOver) {
		Deadline current = this.deadline.get();
		return (current != null) ? current.nanos() : ifOver;
	}

	// the monotonic clock stands still while a machine sleeps, so the wall clock ends it
	// too
	private Deadline deadlineFor(Instants sent) {
		Duration counted = this.duration.minus(this.duration.dividedBy(DRIFT_MARGIN_DIVISOR));
		return new Deadline(sent.nanos() + counted.toNanos(), sent.wallMillis() + this.duration.toMillis());
	}

}
