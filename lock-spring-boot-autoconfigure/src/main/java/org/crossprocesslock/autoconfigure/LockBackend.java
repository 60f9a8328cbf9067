package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockReach;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;

/**
 * The backend that was chosen for the auto-configured
 * {@link org.crossprocesslock.LockManager}, and what its locks really exclude. There is
 * no such bean beside a manager of the application's own.
 *
 * @param name name of the backend, for logs and as a tag of meters
 * @param reason why it was chosen, to follow a colon in a sentence
 * @param reach what the locks exclude
 * @param reachReason why they exclude no more, to follow a colon in a sentence
 * @since 0.1.0
 */
public record LockBackend(String name, String reason, LockReach reach, String reachReason) {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	static final String REQUIRED = LockProperties.PREFIX + ".required-reach";

	/**
	 * Refuses to start with locks that exclude fewer than required, and warns of those
	 * that exclude fewer than their backend promises where nothing is required. Asks for
	 * nothing in a slice of a test.
	 */
	LockBackend checked(@Nullable LockReach required, ObjectProvider<TestSlice> slice, LockReach promised,
			String remedy) {
		if (slice.getIfAvailable() != null) {
			logger.info("Locks of this slice of a test exclude {}: {}. What {} asks for counts for the application",
					whom(this.reach), this.reachReason, REQUIRED);
			return this;
		}
		if (required != null && !this.reach.covers(required)) {
			throw new RefusedStartException(
					REQUIRED + "=" + value(required) + " asks for locks that exclude " + whom(required)
							+ ", but those of the " + this.name + " backend exclude " + whom(this.reach) + " only: "
							+ this.reachReason + ".",
					remedy + ". If less is enough, set " + REQUIRED + "=" + value(this.reach) + ".", null);
		}
		if (required == null && !this.reach.covers(promised)) {
			logger.warn(
					"Locks of the {} backend exclude {} only, and not {}: {}. {}. If that is enough, say so with {}={}",
					this.name, whom(this.reach), whom(promised), this.reachReason, remedy, REQUIRED, value(this.reach));
		}
		return this;
	}

	/** Whom the locks exclude, and why, in words. */
	String reachInWords() {
		return "They exclude " + whom(this.reach) + ": " + this.reachReason;
	}

	private static String value(LockReach reach) {
		return switch (reach) {
			case THREADS -> "threads";
			case CONTAINER -> "container";
			case PROCESSES -> "processes";
			case MACHINES -> "machines";
		};
	}

	private static String whom(LockReach reach) {
		return switch (reach) {
			case THREADS -> "the threads of this process";
			case CONTAINER -> "the processes of this container";
			case PROCESSES -> "the processes of this host";
			case MACHINES -> "the processes of all machines";
		};
	}

}
