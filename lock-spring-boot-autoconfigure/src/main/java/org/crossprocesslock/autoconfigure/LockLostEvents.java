package org.crossprocesslock.autoconfigure;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

import org.crossprocesslock.LockRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Publishes losses as events of the application, on a thread of its own: whatever its
 * listeners do, the locks must not wait for it.
 */
final class LockLostEvents implements ApplicationListener<ContextClosedEvent>, DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(LockLostEvents.class);

	private final ApplicationContext context;

	private final ExecutorService executor;

	LockLostEvents(ApplicationContext context) {
		this.context = context;
		CustomizableThreadFactory threads = new CustomizableThreadFactory("cross-process-lock-events-");
		threads.setDaemon(true);
		// its thread starts with the first loss
		this.executor = Executors.newSingleThreadExecutor(threads);
	}

	void publish(LockRequest request, long fencingToken, String reason) {
		LockLostEvent event = new LockLostEvent(request.key(), request.name(), fencingToken, reason);
		try {
			this.executor.execute(() -> publishNow(event));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The context is being closed, nobody hears of {}", event, ex);
		}
	}

	private void publishNow(LockLostEvent event) {
		try {
			this.context.publishEvent(event);
		}
		catch (RuntimeException ex) {
			logger.warn("A listener of {} failed; the lock is not affected", event, ex);
		}
	}

	/** What is lost from here on is given up because of the shutdown. */
	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() == this.context) {
			destroy();
		}
	}

	@Override
	public void destroy() {
		this.executor.shutdown();
	}

}
