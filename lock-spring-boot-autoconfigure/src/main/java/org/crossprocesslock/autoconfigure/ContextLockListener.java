package org.crossprocesslock.autoconfigure;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.ListenerRelay;
import org.crossprocesslock.engine.RepeatedFault;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All listeners of a context as one. What happens before they are known is kept and then
 * told, so that no thread of the library ever has to ask the container for them. Safe
 * from any thread.
 */
final class ContextLockListener extends ListenerRelay {

	/** How many events are kept until there is somebody to tell. */
	static final int MOST_KEPT = 10_000;

	private static final Logger logger = LoggerFactory.getLogger(ContextLockListener.class);

	private final List<LockListener> audience = new CopyOnWriteArrayList<>();

	private final RepeatedFault failures = new RepeatedFault();

	private final ReentrantLock lock = new ReentrantLock();

	private final Queue<Consumer<LockListener>> kept = new ArrayDeque<>();

	// of all that came, delivered or not: listeners that are slower than what happens
	// must
	// not keep the start for ever
	private int came;

	private volatile boolean open;

	/**
	 * Tells the listeners what was kept, and from now on whatever happens. Called by a
	 * thread of the application.
	 */
	void open(Collection<LockListener> listeners) {
		this.audience.addAll(listeners);
		Consumer<LockListener> event = nextKept();
		while (event != null) {
			deliver(event);
			event = nextKept();
		}
		if (this.came > MOST_KEPT) {
			logger.warn(
					"{} events of locks were not delivered to lock listeners and meters: more than {} happened before "
							+ "the beans of the application were created",
					this.came - MOST_KEPT, MOST_KEPT);
		}
	}

	/** Lets the listener of a context below hear as well. */
	void join(LockListener listener) {
		this.audience.add(listener);
	}

	void leave(LockListener listener) {
		this.audience.removeIf((each) -> each == listener);
	}

	@Override
	protected void tell(Consumer<LockListener> event) {
		if (this.open || !keep(event)) {
			deliver(event);
		}
	}

	private boolean keep(Consumer<LockListener> event) {
		this.lock.lock();
		try {
			if (this.open) {
				return false;
			}
			this.came++;
			return this.came > MOST_KEPT || this.kept.add(event);
		}
		finally {
			this.lock.unlock();
		}
	}

	// opens in the same step in which it finds nothing left, so that events keep their
	// order
	private @Nullable Consumer<LockListener> nextKept() {
		this.lock.lock();
		try {
			Consumer<LockListener> next = this.kept.poll();
			this.open = (next == null);
			return next;
		}
		finally {
			this.lock.unlock();
		}
	}

	// one that fails must not keep the event from those after it, and listeners in other
	// languages throw what they do not declare
	private void deliver(Consumer<LockListener> event) {
		for (LockListener listener : this.audience) {
			try {
				event.accept(listener);
			}
			catch (Throwable ex) {
				this.failures.happened((more) -> logger.warn("Lock listener {} failed; the lock is not affected{}",
						listener, more, ex));
			}
		}
	}

}
