package org.crossprocesslock;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Blocks whenever it is told something, until a test lets it go on. */
final class BlockingListener implements LockListener {

	private final CountDownLatch end;

	BlockingListener(CountDownLatch end) {
		this.end = end;
	}

	@Override
	public void onRequested(LockRequest request) {
		block();
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		block();
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		block();
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		block();
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		block();
	}

	@Override
	public void onBackoff(Duration pause) {
		block();
	}

	@Override
	public void onRenewal(Renewal renewal) {
		block();
	}

	@Override
	public void onLeaseLost(String reason) {
		block();
	}

	private void block() {
		try {
			this.end.await();
		}
		catch (InterruptedException ex) {
			throw new AssertionError("nobody interrupts the library's thread", ex);
		}
	}

}
