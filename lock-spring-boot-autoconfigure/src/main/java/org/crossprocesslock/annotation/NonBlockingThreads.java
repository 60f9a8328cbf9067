package org.crossprocesslock.annotation;

import org.crossprocesslock.LockRequest;
import reactor.core.scheduler.Schedulers;

import org.springframework.util.ClassUtils;

/**
 * Threads that serve many and therefore must not wait, as far as Reactor knows them:
 * those of its own schedulers and of event loops.
 */
final class NonBlockingThreads {

	private static final boolean REACTOR = ClassUtils.isPresent("reactor.core.scheduler.Schedulers",
			NonBlockingThreads.class.getClassLoader());

	private NonBlockingThreads() {
	}

	/**
	 * Makes sure that the calling thread may wait for a lock.
	 * @throws IllegalStateException if it must not
	 */
	static void refuse(LockRequest request) {
		if (REACTOR && Reactor.isCurrent()) {
			throw new IllegalStateException("The lock of key '" + request.key() + "' (" + request.name()
					+ ") was asked for by a method that waits for it, on thread " + Thread.currentThread().getName()
					+ ", which must not wait because others depend on it. Let the method return a Mono or a Flux, or "
					+ "call it on a thread that may block, for example with subscribeOn(Schedulers.boundedElastic())");
		}
	}

	/** Apart, since Reactor may be absent. */
	private static final class Reactor {

		static boolean isCurrent() {
			return Schedulers.isInNonBlockingThread();
		}

	}

}
