package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.function.Consumer;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;

/**
 * A listener that passes on whatever it hears.
 *
 * @since 0.1.0
 */
public abstract class ListenerRelay implements LockListener {

	/**
	 * Passes an event on. Called by the threads that listeners are called by.
	 * @param event tells a listener of it
	 */
	protected abstract void tell(Consumer<LockListener> event);

	@Override
	public final void onRequested(LockRequest request) {
		tell((told) -> told.onRequested(request));
	}

	@Override
	public final void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		tell((told) -> told.onAcquired(request, fencingToken, waited));
	}

	@Override
	public final void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		tell((told) -> told.onRefused(request, refusal, waited));
	}

	@Override
	public final void onLost(LockRequest request, long fencingToken, String reason) {
		tell((told) -> told.onLost(request, fencingToken, reason));
	}

	@Override
	public final void onReleased(LockRequest request, long fencingToken, Duration held) {
		tell((told) -> told.onReleased(request, fencingToken, held));
	}

	@Override
	public final void onBackoff(Duration pause) {
		tell((told) -> told.onBackoff(pause));
	}

	@Override
	public final void onRenewal(Renewal renewal) {
		tell((told) -> told.onRenewal(renewal));
	}

	@Override
	public final void onLeaseLost(String reason) {
		tell((told) -> told.onLeaseLost(reason));
	}

	@Override
	public final void onDropped(long events) {
		tell((told) -> told.onDropped(events));
	}

}
