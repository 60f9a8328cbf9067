package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;

/**
 * The keys of several requests on their way, all or none. Waits for a key only while it
 * holds keys that come before it: among those who do so nobody waits for himself, however
 * many are in between. What is free is asked for at once, so that it travels together;
 * that waits for nobody, and what it brings from behind a busy key is given back.
 */
final class SeveralAttempts {

	private final AttemptingLockManager manager;

	private final List<LockRequest> requests;

	private final BiFunction<AttemptingLockManager, LockRequest, LockAttempt> attempts;

	private final long startedNanos = TimeSource.SYSTEM.nanos();

	private final List<OpenGuard> held = new ArrayList<>();

	/**
	 * Begins nothing yet.
	 * @param requests in their order
	 * @param attempts makes the attempt of a request
	 */
	SeveralAttempts(AttemptingLockManager manager, List<LockRequest> requests,
			BiFunction<AttemptingLockManager, LockRequest, LockAttempt> attempts) {
		this.manager = manager;
		this.requests = requests;
		this.attempts = attempts;
	}

	LockGuards await() throws InterruptedException {
		AttemptingLockManager.checkNotInterrupted(this.requests.get(0));
		boolean all = false;
		try {
			while (this.held.size() < this.requests.size()) {
				takeWhatIsFree();
				if (this.held.size() < this.requests.size()) {
					waitForTheNext();
				}
			}
			LockGuards guards = new OpenGuards(List.copyOf(this.held));
			all = true;
			return guards;
		}
		finally {
			if (!all) {
				this.held.forEach(OpenGuard::giveBack);
			}
		}
	}

	private void takeWhatIsFree() throws InterruptedException {
		List<LockRequest> rest = this.requests.subList(this.held.size(), this.requests.size());
		if (rest.size() == 1) {
			return;
		}
		List<LockAttempt> begun = new ArrayList<>();
		int ended = 0;
		try {
			for (LockRequest request : rest) {
				begun.add(this.manager.begin(attempt(request.withWaitTime(Duration.ZERO))));
			}
			for (LockAttempt attempt : begun) {
				ended++;
				if (!(attempt.await() instanceof OpenGuard guard)) {
					return;
				}
				this.held.add(guard);
			}
		}
		finally {
			begun.subList(ended, begun.size()).forEach(LockAttempt::giveUp);
		}
	}

	private void waitForTheNext() throws InterruptedException {
		LockRequest request = this.requests.get(this.held.size());
		Duration left = request.waitTime().minus(elapsed());
		LockAttempt attempt = attempt(request.withWaitTime(left.isNegative() ? Duration.ZERO : left));
		LockGuard guard = this.manager.await(attempt);
		if (!(guard instanceof OpenGuard open)) {
			LockTimeoutException last = attempt.timeout();
			throw new LockTimeoutException(request.key(), elapsed(), last.getHolder(), last.getKeptFor());
		}
		this.held.add(open);
	}

	private LockAttempt attempt(LockRequest request) {
		return this.attempts.apply(this.manager, request);
	}

	private Duration elapsed() {
		return Duration.ofNanos(TimeSource.SYSTEM.nanos() - this.startedNanos);
	}

}
