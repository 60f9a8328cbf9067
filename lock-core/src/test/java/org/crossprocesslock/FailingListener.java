package org.crossprocesslock;

import java.io.IOException;
import java.time.Duration;

/**
 * Fails whenever it is told something: with exceptions of all kinds, checked ones
 * included, which Kotlin, Groovy and others throw wherever they like.
 */
public final class FailingListener implements LockListener {

	/**
	 * Has the compiler take an exception for an unchecked one.
	 * @param <E> what the compiler takes it for
	 * @param exception any exception
	 * @return never
	 * @throws E the exception
	 */
	@SuppressWarnings("unchecked") // the purpose
	public static <E extends Throwable> RuntimeException sneaky(Throwable exception) throws E {
		throw (E) exception;
	}

	@Override
	public void onRequested(LockRequest request) {
		throw new IllegalStateException("from the listener");
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		throw FailingListener.<RuntimeException>sneaky(new IOException("from the listener"));
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		throw new NoClassDefFoundError("from the listener");
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		throw FailingListener.<RuntimeException>sneaky(new InterruptedException("from the listener"));
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		throw FailingListener.<RuntimeException>sneaky(new IOException("from the listener"));
	}

	@Override
	public void onBackoff(Duration pause) {
		throw new StackOverflowError("from the listener");
	}

	@Override
	public void onRenewal(Renewal renewal) {
		throw FailingListener.<RuntimeException>sneaky(new IOException("from the listener"));
	}

	@Override
	public void onLeaseLost(String reason) {
		throw new OutOfMemoryError("from the listener");
	}

}
