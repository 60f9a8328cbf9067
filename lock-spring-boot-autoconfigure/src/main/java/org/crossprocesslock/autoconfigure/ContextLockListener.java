package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.function.SingletonSupplier;

/**
 * All listeners of the context as one, and its events. They are looked up with the first
 * event and not before, since they may depend on what depends on the locks.
 */
final class ContextLockListener implements LockListener {

	private static final Logger logger = LoggerFactory.getLogger(ContextLockListener.class);

	private final Supplier<List<LockListener>> listeners;

	private final LockLostEvents events;

	ContextLockListener(ObjectProvider<LockListener> listeners, LockLostEvents events) {
		this.events = events;
		this.listeners = SingletonSupplier.of(() -> listeners.orderedStream().toList());
	}

	@Override
	public void onRequested(LockRequest request) {
		tell((listener) -> listener.onRequested(request));
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		tell((listener) -> listener.onAcquired(request, fencingToken, waited));
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		tell((listener) -> listener.onRefused(request, refusal, waited));
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		tell((listener) -> listener.onLost(request, fencingToken, reason));
		this.events.publish(request, fencingToken, reason);
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		tell((listener) -> listener.onReleased(request, fencingToken, held));
	}

	@Override
	public void onBackoff(Duration pause) {
		tell((listener) -> listener.onBackoff(pause));
	}

	@Override
	public void onRenewal(Renewal renewal) {
		tell((listener) -> listener.onRenewal(renewal));
	}

	@Override
	public void onLeaseLost(String reason) {
		tell((listener) -> listener.onLeaseLost(reason));
	}

	// one that fails must not keep the event from those after it
	private void tell(Consumer<LockListener> event) {
		for (LockListener listener : this.listeners.get()) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException ex) {
				logger.warn("Lock listener {} failed; the lock is not affected", listener, ex);
			}
		}
	}

}
