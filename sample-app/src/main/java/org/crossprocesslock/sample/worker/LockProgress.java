package org.crossprocesslock.sample.worker;

import java.time.Duration;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.sample.invoice.LockedInvoiceNumbering;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;

/** Tells the demo who has the lock: every {@link LockListener} bean is called. */
class LockProgress implements LockListener {

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		tell(request, Kind.ACQUIRED, fencingToken);
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		tell(request, Kind.RELEASED, fencingToken);
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		tell(request, Kind.LOST, fencingToken);
	}

	private static void tell(LockRequest request, Kind kind, long fencingToken) {
		if (request.key().equals(LockedInvoiceNumbering.KEY)) {
			WorkerEvent.tell(kind, fencingToken);
		}
	}

}
