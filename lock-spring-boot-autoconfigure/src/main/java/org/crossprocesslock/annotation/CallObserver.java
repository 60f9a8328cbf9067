package org.crossprocesslock.annotation;

import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * Hears of every call of an annotated method, on its thread or threads.
 */
interface CallObserver {

	/**
	 * Where Micrometer and all who use it look for an observation in a Reactor context.
	 */
	String CONTEXT_KEY = "micrometer.observation";

	/** Hears of nothing. */
	CallObserver NONE = (request) -> ObservedCall.NONE;

	/**
	 * A call asks for its lock.
	 * @return what to tell of the call, and to close when it ends
	 */
	ObservedCall begin(LockRequest request);

	/**
	 * A call asks for its lock that no thread stays with.
	 * @param parent what was found under {@link #CONTEXT_KEY}
	 * @return what to tell of the call, and to close when it ends, from any thread
	 */
	default ObservedCall beginElsewhere(LockRequest request, @Nullable Object parent) {
		return begin(request);
	}

	/** Of one call. */
	interface ObservedCall {

		/** Of a call that nobody looks at. */
		ObservedCall NONE = new ObservedCall() {

		};

		/** It has its lock, and the method is run. */
		default void acquired() {
		}

		/** Others held the key, and the method is not run. */
		default void skipped() {
		}

		/** Nobody waits for its lock any more. */
		default void abandoned() {
		}

		/**
		 * Its thread goes on with something else, while it goes on on others.
		 */
		default void leaveThread() {
		}

		/** What to leave under {@link #CONTEXT_KEY} for what it does. */
		default @Nullable Object observation() {
			return null;
		}

		/** It ends in an exception. */
		default void failed(Throwable failure) {
		}

		/** It ends. */
		default void end() {
		}

	}

}
