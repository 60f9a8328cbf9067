package org.crossprocesslock;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Work on a thread of its own.
 *
 * @param <T> what the work answers
 */
public final class Background<T> {

	private final CompletableFuture<T> answer = new CompletableFuture<>();

	private final Thread thread;

	private Background(Callable<T> work) {
		this.thread = new Thread(() -> {
			try {
				this.answer.complete(work.call());
			}
			catch (Exception | AssertionError ex) {
				this.answer.completeExceptionally(ex);
			}
		}, "background");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/**
	 * Starts the work.
	 * @param <T> what the work answers
	 * @param work the work
	 * @return the running work
	 */
	public static <T> Background<T> call(Callable<T> work) {
		return new Background<>(work);
	}

	/**
	 * Waits for the answer.
	 * @return the answer
	 * @throws Exception what the work threw
	 */
	public T join() throws Exception {
		try {
			return this.answer.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof Exception cause) {
				throw cause;
			}
			throw ex;
		}
		catch (TimeoutException ex) {
			throw new AssertionError("Still running: " + this.thread, ex);
		}
	}

	/**
	 * Waits until the thread waits for something.
	 * @return this
	 * @throws InterruptedException if interrupted
	 */
	public Background<T> untilItWaits() throws InterruptedException {
		Eventually.until("background thread waits", this::waits);
		return this;
	}

	/**
	 * Waits until the thread waits for something or has ended, for what waits only for
	 * some time.
	 * @return this
	 * @throws InterruptedException if interrupted
	 */
	public Background<T> untilItWaitsOrIsDone() throws InterruptedException {
		Eventually.until("background thread waits or is done", () -> waits() || isDone());
		return this;
	}

	private boolean waits() {
		return this.thread.getState() == Thread.State.WAITING || this.thread.getState() == Thread.State.TIMED_WAITING
				|| isInKernel();
	}

	/** Whether the kernel has it wait for a file, of which its state says nothing. */
	private boolean isInKernel() {
		return Stream.of(this.thread.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().equals("sun.nio.ch.FileChannelImpl")
					&& frame.getMethodName().equals("lock"));
	}

	/** Interrupts the thread. */
	public void interrupt() {
		this.thread.interrupt();
	}

	/**
	 * Whether the work has ended.
	 * @return whether it has
	 */
	public boolean isDone() {
		return this.answer.isDone();
	}

}
