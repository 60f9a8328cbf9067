package org.crossprocesslock.annotation;

import io.netty.channel.EventLoop;
import io.netty.util.internal.ThreadExecutorMap;
import org.crossprocesslock.LockRequest;
import reactor.core.scheduler.Schedulers;

import org.springframework.util.ClassUtils;

/**
 * Threads that serve many and therefore must not wait: those that Reactor knows as such,
 * and the event loops of Netty, whoever made them.
 */
final class NonBlockingThreads {

	private static final boolean REACTOR = isPresent("reactor.core.scheduler.Schedulers");

	private static final boolean NETTY = isPresent("io.netty.channel.EventLoop")
			&& isPresent("io.netty.util.internal.ThreadExecutorMap");

	private NonBlockingThreads() {
	}

	private static boolean isPresent(String type) {
		return ClassUtils.isPresent(type, NonBlockingThreads.class.getClassLoader());
	}

	/**
	 * Makes sure that the calling thread may wait for a lock.
	 * @throws IllegalStateException if it must not
	 */
	static void refuse(LockRequest request) {
		if ((REACTOR && Reactor.isCurrent()) || (NETTY && Netty.isCurrent())) {
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

	/** Apart, since Netty may be absent. */
	private static final class Netty {

		// other executors of Netty are there for work that blocks
		static boolean isCurrent() {
			return ThreadExecutorMap.currentExecutor() instanceof EventLoop;
		}

	}

}
