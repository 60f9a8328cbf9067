package org.crossprocesslock.autoconfigure;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.engine.RepeatedFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * Publishes losses as events of the application, on a thread of its own that holds
 * nothing anybody could wait for: whatever listeners do, and whatever beans the container
 * makes for them, the locks do not wait. Not used before all singletons are there.
 */
final class LockLostEvents implements DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(LockLostEvents.class);

	private final RepeatedFault failures = new RepeatedFault();

	private final ApplicationContext context;

	private final ExecutorService executor;

	LockLostEvents(ApplicationContext context) {
		this.context = context;
		// its thread starts with the first loss
		this.executor = Executors.newSingleThreadExecutor(this::thread);
	}

	// started by whoever notices the first loss, whose request or tenant is not its own
	private Thread thread(Runnable events) {
		Thread thread = new Thread(null, events, "cross-process-lock-events-1", 0, false);
		thread.setContextClassLoader(this.context.getClassLoader());
		thread.setDaemon(true);
		return thread;
	}

	/** For event listeners of this context and of those above it. */
	LockListener toAllContexts() {
		return new Losses(this.context::publishEvent);
	}

	/** For event listeners of this context alone; those above hear by themselves. */
	LockListener toThisContext() {
		ApplicationEventMulticaster multicaster = this.context.getBean(
				AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME, ApplicationEventMulticaster.class);
		return new Losses((event) -> multicaster.multicastEvent(new PayloadApplicationEvent<>(this.context, event)));
	}

	/**
	 * What is lost from here on is given up because of the shutdown. Not when that
	 * begins: work may go on for long while lifecycles stop and executors wait for it,
	 * and may lose its lock.
	 */
	@Override
	public void destroy() {
		this.executor.shutdown();
	}

	/** Turns losses into events. */
	private final class Losses implements LockListener {

		private final Consumer<LockLostEvent> publisher;

		Losses(Consumer<LockLostEvent> publisher) {
			this.publisher = publisher;
		}

		@Override
		public void onLost(LockRequest request, long fencingToken, String reason) {
			LockLostEvent event = new LockLostEvent(request.key(), request.name(), fencingToken, reason);
			try {
				LockLostEvents.this.executor.execute(() -> publish(event));
			}
			catch (RejectedExecutionException ex) {
				logger.debug("The context is being closed, so {} is not published", event, ex);
			}
		}

		private void publish(LockLostEvent event) {
			try {
				this.publisher.accept(event);
			}
			catch (Throwable ex) {
				LockLostEvents.this.failures.happened(
						(more) -> logger.warn("A listener of {} failed; the lock is not affected{}", event, more, ex));
			}
		}

	}

}
