package org.crossprocesslock;

import java.time.Duration;

/**
 * Fails whenever it is told something, now and then with an error.
 */
final class FailingListener implements LockListener {

	@Override
	public void onRequested(LockRequest request) {
		throw new IllegalStateException("from the listener");
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		throw new NoClassDefFoundError("from the listener");
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		throw new NoClassDefFoundError("from the listener");
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		throw new IllegalStateException("from the listener");
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		throw new IllegalStateException("from the listener");
	}

}
