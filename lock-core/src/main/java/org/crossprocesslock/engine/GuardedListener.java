package org.crossprocesslock.engine;

import java.time.Duration;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a listener throws away from the locks.
 */
final class GuardedListener implements LockListener {

	private static final Logger logger = LoggerFactory.getLogger(GuardedListener.class);

	private final LockListener delegate;

	GuardedListener(LockListener delegate) {
		this.delegate = delegate;
	}

	@Override
	public void onRequested(LockRequest request) {
		guarded(() -> this.delegate.onRequested(request));
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		guarded(() -> this.delegate.onAcquired(request, fencingToken, waited));
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		guarded(() -> this.delegate.onRefused(request, refusal, waited));
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		guarded(() -> this.delegate.onLost(request, fencingToken, reason));
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		guarded(() -> this.delegate.onReleased(request, fencingToken, held));
	}

	@Override
	public void onBackoff(Duration pause) {
		guarded(() -> this.delegate.onBackoff(pause));
	}

	@Override
	public void onRenewal(Renewal renewal) {
		guarded(() -> this.delegate.onRenewal(renewal));
	}

	@Override
	public void onLeaseLost(String reason) {
		guarded(() -> this.delegate.onLeaseLost(reason));
	}

	private static void guarded(Runnable call) {
		try {
			call.run();
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A lock listener failed; the lock is not affected", ex);
		}
	}

}
