package org.crossprocesslock.annotation;

import org.crossprocesslock.LockRequest;

/**
 * Hears of every call of an annotated method, on its thread.
 */
interface CallObserver {

	/** Hears of nothing. */
	CallObserver NONE = (request) -> ObservedCall.NONE;

	/**
	 * A call asks for its lock.
	 * @return what to tell of the call, and to close when it ends
	 */
	ObservedCall begin(LockRequest request);

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

		/** It ends in an exception. */
		default void failed(Throwable failure) {
		}

		/** It ends. */
		default void end() {
		}

	}

}
