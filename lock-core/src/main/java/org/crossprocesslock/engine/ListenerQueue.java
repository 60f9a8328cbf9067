package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.crossprocesslock.LockListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between the locks and a listener: events are queued in the order in which they
 * happen and told by one thread, so that nothing that the listener does or throws reaches
 * the locks. No method blocks or throws. Safe from any thread.
 *
 * @since 0.1.0
 */
public final class ListenerQueue extends ListenerRelay {

	/** Hears nothing; not worth a thread. */
	static final LockListener NOBODY = new LockListener() {
	};

	/** So many events wait for a slow listener before further ones are dropped. */
	static final int CAPACITY = 65_536;

	private static final Logger logger = LoggerFactory.getLogger(ListenerQueue.class);

	// an event need not wake anybody while the thread looks by itself every now and then,
	// which is cheaper than a wake-up for each
	private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final int TICKS_BEFORE_REST = 50;

	private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(5);

	private enum Teller {

		NONE, BUSY, RESTING

	}

	private final LockListener listener;

	private final Queue<Consumer<LockListener>> events = new ConcurrentLinkedQueue<>();

	/** Events that are not yet told, the one being told included. */
	private final AtomicInteger untold = new AtomicInteger();

	private final AtomicLong dropped = new AtomicLong();

	private final RepeatedFault failures = new RepeatedFault();

	private final RepeatedFault noThread = new RepeatedFault();

	private final AtomicReference<Teller> teller = new AtomicReference<>(Teller.NONE);

	private final Executor threads;

	private final int ticksBeforeRest;

	private final TimeSource time;

	private volatile @Nullable Thread thread;

	/**
	 * Creates an empty queue, which has a thread only while events come.
	 * @param listener who is told; may block and throw
	 */
	public ListenerQueue(LockListener listener) {
		this(listener, (task) -> EngineThreads.daemon("cross-process-lock-listeners", task).start(), TICKS_BEFORE_REST,
				TimeSource.SYSTEM);
	}

	/**
	 * Tells on other threads.
	 * @param ticksBeforeRest how often a thread looks whether more has happened, zero for
	 * one that ends when all is told
	 */
	ListenerQueue(LockListener listener, Executor threads, int ticksBeforeRest, TimeSource time) {
		this.listener = listener;
		this.threads = threads;
		this.ticksBeforeRest = ticksBeforeRest;
		this.time = time;
	}

	/**
	 * Waits until everything is told that has happened so far, for as long as the limit
	 * at most, and not at all on the thread of the listener itself.
	 * @param limit how long to wait
	 */
	public void await(Duration limit) {
		if (this.untold.get() == 0 || Thread.currentThread() == this.thread) {
			return;
		}
		CountDownLatch told = new CountDownLatch(1);
		add((unused) -> told.countDown());
		boolean unused = this.time.await(told, limit);
	}

	/** What was missed before it came here is passed on as well. */
	@Override
	protected void tell(Consumer<LockListener> event) {
		if (this.listener == NOBODY) {
			return;
		}
		if (this.untold.get() < CAPACITY) {
			add(event);
		}
		else {
			if (this.dropped.getAndIncrement() == 0) {
				Callbacks.LOSSES.run(() -> logger.warn(
						"The lock listener {} is blocked or too slow: {} events wait for it, and what happens now is "
								+ "dropped. The locks are not affected. Let it hand over what takes time",
						name(), CAPACITY));
			}
			wakeUnlessBusy();
		}
	}

	private void add(Consumer<LockListener> event) {
		this.untold.incrementAndGet();
		this.events.add(event);
		wakeUnlessBusy();
	}

	private void wakeUnlessBusy() {
		if (this.teller.get() != Teller.BUSY) {
			wake();
		}
	}

	private void wake() {
		Teller before = this.teller.getAndSet(Teller.BUSY);
		if (before == Teller.RESTING) {
			LockSupport.unpark(this.thread);
		}
		else if (before == Teller.NONE) {
			try {
				this.threads.execute(this::tellAll);
			}
			catch (Throwable ex) {
				// what waits is told with the next event for which a thread can be made
				this.teller.set(Teller.NONE);
				this.noThread
					.happened((more) -> logger.debug("No thread can be made for the lock listener{}", more, ex));
			}
		}
	}

	private void tellAll() {
		this.thread = Thread.currentThread();
		try {
			tellUntilNothingHappens();
		}
		catch (Throwable ex) {
			// so that the next event makes another thread
			this.teller.set(Teller.NONE);
			throw ex;
		}
	}

	private void tellUntilNothingHappens() {
		int idleTicks = 0;
		while (true) {
			if (tellWaiting()) {
				idleTicks = 0;
			}
			else if (idleTicks++ < this.ticksBeforeRest) {
				LockSupport.parkNanos(this, TICK_NANOS);
			}
			else {
				this.teller.set(Teller.RESTING);
				if (this.events.isEmpty() && this.ticksBeforeRest > 0) {
					LockSupport.parkNanos(this, LONGEST_REST_NANOS);
				}
				if (this.events.isEmpty() && this.teller.compareAndSet(Teller.RESTING, Teller.NONE)) {
					// an event that came since then has made another thread
					return;
				}
				this.teller.set(Teller.BUSY);
				idleTicks = 0;
			}
		}
	}

	private boolean tellWaiting() {
		Consumer<LockListener> event = this.events.poll();
		boolean any = event != null;
		while (event != null) {
			try {
				guarded(event);
			}
			finally {
				this.untold.decrementAndGet();
			}
			event = this.events.poll();
		}
		long count = this.dropped.getAndSet(0);
		if (count > 0) {
			guarded((told) -> told.onDropped(count));
			Callbacks.LOSSES
				.run(() -> logger.warn("The lock listener {} has caught up; {} events were dropped", name(), count));
		}
		return any;
	}

	private void guarded(Consumer<LockListener> event) {
		try {
			event.accept(this.listener);
		}
		catch (Throwable ex) {
			// also checked exceptions, which other languages throw anywhere
			this.failures.happened(
					(more) -> logger.warn("The lock listener {} failed; the lock is not affected{}", name(), more, ex));
		}
	}

	private String name() {
		return this.listener.getClass().getName();
	}

}
