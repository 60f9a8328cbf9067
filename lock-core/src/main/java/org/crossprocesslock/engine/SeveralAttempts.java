package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.jspecify.annotations.Nullable;

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

	private final CompletableFuture<LockGuards> all = new CompletableFuture<>();

	private volatile List<LockAttempt> underWay = List.of();

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

	/** With the thread of the caller to wait in. */
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
			LockGuards guards = together();
			all = true;
			return guards;
		}
		finally {
			if (!all) {
				this.held.forEach(OpenGuard::giveBack);
			}
		}
	}

	/** Not if one was lost while others were waited for. */
	private LockGuards together() {
		this.held.forEach(OpenGuard::checkHeld);
		return new OpenGuards(List.copyOf(this.held));
	}

	private void takeWhatIsFree() throws InterruptedException {
		if (isTheLastOne()) {
			return;
		}
		List<LockAttempt> begun = new ArrayList<>();
		int ended = 0;
		try {
			for (LockAttempt attempt : forWhatIsFree()) {
				begun.add(this.manager.begin(attempt));
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
		LockAttempt attempt = forTheNext();
		LockGuard guard = this.manager.await(attempt);
		if (!(guard instanceof OpenGuard open)) {
			throw timeout(attempt);
		}
		this.held.add(open);
	}

	/** Without a thread that waits. */
	CompletableFuture<LockGuards> promise() {
		var unused = this.all.whenComplete((guards, failure) -> giveUp(this.underWay));
		step(this::goOn);
		return this.all;
	}

	/** Of those who end what was under way, one at a time. */
	private void step(Runnable next) {
		try {
			next.run();
		}
		catch (LockLostException ex) {
			end(ex);
		}
		catch (Throwable ex) {
			end(LockAttempt.unserved(ex));
		}
	}

	private void goOn() {
		if (this.held.size() == this.requests.size()) {
			if (!this.all.complete(together())) {
				this.held.forEach(OpenGuard::giveBack);
			}
		}
		else {
			ask(isTheLastOne() ? List.of(forTheNext()) : forWhatIsFree());
		}
	}

	private void ask(List<LockAttempt> attempts) {
		attempts.forEach(this.manager::begin);
		this.underWay = attempts;
		if (this.all.isDone()) {
			// whoever gave up before the line above has not seen them
			giveUp(attempts);
		}
		take(attempts, 0);
	}

	private void take(List<LockAttempt> attempts, int index) {
		var unused = attempts.get(index)
			.future()
			.whenComplete((guard, failure) -> step(() -> taken(attempts, index, guard, failure)));
	}

	private void taken(List<LockAttempt> attempts, int index, LockGuard guard, @Nullable Throwable failure) {
		int next = index + 1;
		if (failure == null) {
			this.held.add((OpenGuard) guard);
			if (next < attempts.size()) {
				take(attempts, next);
			}
			else {
				goOn();
			}
			return;
		}
		attempts.subList(next, attempts.size()).forEach(LockAttempt::giveUp);
		if (!(failure instanceof LockTimeoutException)) {
			end(attempts.get(index).seenFromHere(failure));
		}
		else if (attempts.size() > 1) {
			ask(List.of(forTheNext()));
		}
		else {
			end(timeout(attempts.get(index)));
		}
	}

	private static void giveUp(List<LockAttempt> attempts) {
		attempts.forEach((attempt) -> attempt.future().cancel(false));
	}

	private void end(Throwable failure) {
		this.held.forEach(OpenGuard::giveBack);
		this.all.completeExceptionally(failure);
	}

	private boolean isTheLastOne() {
		return this.requests.size() - this.held.size() == 1;
	}

	private List<LockAttempt> forWhatIsFree() {
		return this.requests.subList(this.held.size(), this.requests.size())
			.stream()
			.map((request) -> attempt(request.withWaitTime(Duration.ZERO)))
			.toList();
	}

	private LockAttempt forTheNext() {
		LockRequest request = this.requests.get(this.held.size());
		Duration left = request.waitTime().minus(elapsed());
		return attempt(request.withWaitTime(left.isNegative() ? Duration.ZERO : left));
	}

	private LockTimeoutException timeout(LockAttempt attempt) {
		LockTimeoutException last = attempt.timeout();
		return new LockTimeoutException(attempt.request().key(), elapsed(), last.getHolder(), last.getKeptFor());
	}

	private LockAttempt attempt(LockRequest request) {
		return this.attempts.apply(this.manager, request);
	}

	private Duration elapsed() {
		return Duration.ofNanos(TimeSource.SYSTEM.nanos() - this.startedNanos);
	}

}
