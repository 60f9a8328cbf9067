package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.engine.StoreFault;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * Locks that depend on one lease of this process, kept in a {@link LeaseStore} that all
 * processes share. Excludes threads, processes and machines. The keys of a process that
 * crashes are free after at most one lease duration; a process that is paused or cut off
 * for that long loses its guards, see {@link org.crossprocesslock.LockGuard}.
 * <p>
 * The lease is renewed by one statement however many keys are held. One statement
 * acquires, one releases, each for all threads that asked while the previous one was
 * under way. A key that other threads of this process wait for is handed on without a
 * statement, for a tenth of a second at a time while other processes may wait, and a
 * hundredth while they are known to. Other processes poll busy keys after a jittered,
 * doubling delay, and at the latest when the holder's lease runs out; on a store with
 * notifications, the process that has waited longest is notified when the key is free.
 * </p>
 * <p>
 * With a {@linkplain LeaseOptions#linger() linger}, a key stays with this process for
 * that long after its last guard was closed, unless another process is known to wait for
 * it. The close then writes nothing, and the next request of this process, also one
 * without wait time, gets the key without a statement. For its user and for listeners the
 * key is released; for other processes it is busy. A key that has lingered is released at
 * every close for a while afterwards (at most two of the longest delays), so that other
 * processes that poll find it free. Lingering keys are released when this manager ends.
 * </p>
 * <p>
 * <b>Assumed:</b> the clock of this host and that of the store run at rates that differ
 * by less than a tenth, and the store's clock does not jump forward by a lease duration
 * (which costs live leases; it may jump back). Safe from any thread; keeps five daemon
 * threads from the first request on.
 * </p>
 *
 * @since 0.1.0
 */
public final class LeaseLockManager extends AttemptingLockManager {

	private final LeaseStore store;

	private final LeaseOptions options;

	private final String label;

	private final Host host;

	private final LeaseInspection inspection;

	private final ReentrantLock beginning = new ReentrantLock();

	/** Absent until somebody asks for a key. */
	private volatile @Nullable LeaseEngine engine;

	/** How it is as long as there is no engine. */
	private volatile Condition condition;

	/**
	 * Makes a manager. Its lease is opened with the first request, in the background, and
	 * kept until {@link #close()}; with a stable holder name at once, so that the keys of
	 * a predecessor are free. Does not wait for the store; a store that cannot be reached
	 * fails the requests, not this constructor, and is tried again.
	 * @param store where leases and locks are; closed with this manager
	 * @param options how to keep the lease and to wait
	 * @param label readable name of this process for others to see, used unless the
	 * options have a stable holder name
	 * @param listener is called for all events
	 * @throws IllegalArgumentException if the label is blank or too long, or the store
	 * may take so long for an answer that a renewal could not be repeated in time
	 */
	public LeaseLockManager(LeaseStore store, LeaseOptions options, String label, LockListener listener) {
		this(store, options, label, listener, new Host(TimeSource.SYSTEM));
	}

	LeaseLockManager(LeaseStore store, LeaseOptions options, String label, LockListener listener, Host host) {
		super(host.queue(listener), host.losses(), host.futures());
		if (label.isBlank() || label.length() > LeaseOptions.MAX_HOLDER_LENGTH) {
			throw new IllegalArgumentException(
					"Label '" + label + "' is blank or longer than " + LeaseOptions.MAX_HOLDER_LENGTH + " characters");
		}
		Duration limit = store.answerLimit();
		if (limit.compareTo(options.leaseDuration().dividedBy(2)) > 0) {
			throw new IllegalArgumentException("The store may take " + limit
					+ " for an answer, which is more than half of the lease duration " + options.leaseDuration()
					+ "; a renewal that gets no answer could not be repeated in time");
		}
		this.store = store;
		this.options = options;
		this.label = label;
		this.host = host;
		this.inspection = new LeaseInspection(this, store);
		this.condition = new Condition(Status.NOT_OPENED, host.time().nanos(), null);
		if (options.holderName() != null) {
			var unused = engine();
		}
	}

	@Override
	protected void start(LockAttempt attempt) {
		// a machine that met the end of the caller's stack would have to be replaced
		StackRoom.require();
		if (!engine().shell().requested(attempt)) {
			throw closedException();
		}
	}

	@Override
	protected void abandon(LockAttempt attempt) {
		LeaseEngine present = this.engine;
		if (present != null) {
			present.shell().abandoned(attempt);
		}
	}

	@Override
	public Optional<LockInspection> inspection() {
		return Optional.of(this.inspection);
	}

	/** What does the work, begun if it was not yet. */
	private LeaseEngine engine() {
		LeaseEngine present = this.engine;
		return (present != null) ? present : begun();
	}

	private LeaseEngine begun() {
		this.beginning.lock();
		try {
			LeaseEngine present = this.engine;
			if (present != null) {
				return present;
			}
			if (this.condition.status() == Status.CLOSED) {
				throw closedException();
			}
			LeaseEngine made = begin();
			this.engine = made;
			return made;
		}
		finally {
			this.beginning.unlock();
		}
	}

	private LeaseEngine begin() {
		try {
			return LeaseEngine.begin(this.store, this.options, this.label, this.host, listener(), this::catchUp);
		}
		catch (Throwable ex) {
			throw StoreFault.of("No lease could be opened: " + ex, ex);
		}
	}

	/**
	 * {@inheritDoc} Waits for the store for three times its
	 * {@link LeaseStore#answerLimit} at most, and for the listener for a second.
	 */
	@Override
	public void close() {
		LeaseEngine begun;
		this.beginning.lock();
		try {
			if (this.condition.status() == Status.CLOSED) {
				return;
			}
			this.condition = new Condition(Status.CLOSED, this.host.time().nanos(), null);
			begun = this.engine;
		}
		finally {
			this.beginning.unlock();
		}
		if (begun != null) {
			begun.close();
		}
		else {
			closeStore();
		}
		awaitListener();
	}

	/** Nobody has asked for a key, so there is nothing to tell the store. */
	private void closeStore() {
		CountDownLatch storeClosed = new CountDownLatch(1);
		this.host.losses().run(() -> {
			LeaseEngine.close(this.store);
			storeClosed.countDown();
		});
		LeaseEngine.awaitClose(this.host.time(), storeClosed, this.store.answerLimit());
	}

	/** Nothing if nobody has asked for a key. */
	@Nullable MachineShell shellIfBegun() {
		LeaseEngine present = this.engine;
		return (present != null) ? present.shell() : null;
	}

	/** For those who watch while nobody has asked for a key. */
	LockReport reportUnopened() {
		Condition present = this.condition;
		LeaseReport lease = new LeaseReport(this.label, null, this.options.leaseDuration(), null, null, false,
				this.store.hasOwnConnections().orElse(null));
		return new LockReport(present.status(), Duration.ofNanos(this.host.time().nanos() - present.sinceNanos()),
				present.reason(), lease, 0, 0, List.of(), List.of());
	}

	MachineShell shell() {
		return engine().shell();
	}

}
