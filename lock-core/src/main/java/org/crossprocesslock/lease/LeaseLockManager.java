package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.engine.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks that hang on one lease of this process, kept in a {@link LeaseStore} that every
 * process shares. Excludes threads, processes and machines. A process that dies without a
 * word is replaced after at most one lease duration; one that is paused or cut off for
 * that long loses its guards, see {@link org.crossprocesslock.LockGuard}.
 * <p>
 * The lease is renewed by one statement however many keys are held. One statement
 * acquires, one releases, each for all threads that asked while the one before was under
 * way. A key that other threads of this process wait for is handed on without a
 * statement, for a tenth of a second at a time while other processes may wait, and a
 * hundredth while they are known to. Those look at busy keys after a jittered, doubling
 * pause, and at the latest when the holder's lease runs out; where the store passes on
 * what processes tell each other, the one that has waited longest is told that the key is
 * free.
 * </p>
 * <p>
 * With a {@linkplain LeaseOptions#linger() linger}, a key stays with this process for
 * that long after its last guard was closed, unless another process is known to want it.
 * The close then writes nothing, and the next request of this process, one without wait
 * time included, gets the key without a statement. To its user and to listeners it is
 * released all the same; to other processes it is busy. A key that has lingered is
 * released at every close for a while afterwards (at most two of the longest pauses), so
 * that others that look find it free. The end of this manager releases what lingers.
 * </p>
 * <p>
 * <b>Assumed:</b> the clock of this host and that of the store run at rates that differ
 * by less than a tenth, and the store's clock does not jump forward by a lease duration
 * (which costs live leases; it may jump back). Safe from any thread; keeps five daemon
 * threads.
 * </p>
 *
 * @since 0.1.0
 */
public final class LeaseLockManager extends AttemptingLockManager {

	private static final Logger logger = LoggerFactory.getLogger(LeaseLockManager.class);

	private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);

	/** An acquire, an acquire or a look, and a release at a time. */
	private static final int KEY_STATEMENTS = 3;

	private final LeaseStore store;

	private final MachineShell shell;

	private final LeaseInspection inspection;

	private final Workers leaseCalls;

	private final Workers keyCalls;

	private final TimeSource time;

	private final Timer timer;

	private final long longestSleepNanos;

	private final CountDownLatch storeClosed = new CountDownLatch(1);

	private final AtomicBoolean closed = new AtomicBoolean();

	private volatile boolean givenUp;

	/**
	 * Starts a manager: opens its lease in the background and keeps it until
	 * {@link #close()}. Does not wait for the store; a store that cannot be reached fails
	 * the requests, not this constructor, and is tried again.
	 * @param store where leases and locks are; closed with this manager
	 * @param options how to keep the lease and to wait
	 * @param label readable name of this process for others to see, used unless the
	 * options have a stable holder name
	 * @param listener hears what happens
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
		Duration beat = options.renewInterval();
		this.longestSleepNanos = ((beat.compareTo(LONGEST_SLEEP) < 0) ? beat : LONGEST_SLEEP).toNanos();
		this.time = host.time();
		this.leaseCalls = new Workers(1, () -> host.caller("cross-process-lock-lease", store));
		this.keyCalls = new Workers(KEY_STATEMENTS, () -> host.caller("cross-process-lock-keys", store));
		this.timer = host.timer("cross-process-lock-timer", this::turn);
		this.shell = new MachineShell(() -> host.machine(options, label, limit.toNanos()), store, this.time,
				this.leaseCalls, this.keyCalls, listener(), host.deliveries(), this.timer::wake);
		this.inspection = new LeaseInspection(this.shell, store);
		this.timer.start();
	}

	/** What the timer does each time. */
	private long turn() {
		if (this.shell.stopped().getCount() == 0 || this.givenUp) {
			end();
			return Timer.OVER;
		}
		catchUp();
		// a host that slept wakes with the monotonic clock unmoved, and must look at the
		// wall clock soon
		return Math.max(0, Math.min(this.shell.pass(), this.longestSleepNanos));
	}

	private void end() {
		long unused = this.shell.pass();
		this.leaseCalls.close();
		this.keyCalls.close();
		try {
			this.store.close();
		}
		catch (Throwable ex) {
			logger.warn("The lock store could not be closed", ex);
		}
		this.storeClosed.countDown();
	}

	@Override
	protected void start(LockAttempt attempt) {
		// a machine that met the end of the caller's stack would have to be replaced
		StackRoom.require();
		if (!this.shell.requested(attempt)) {
			throw closedException();
		}
	}

	@Override
	protected void abandon(LockAttempt attempt) {
		this.shell.abandoned(attempt);
	}

	@Override
	public Optional<LockInspection> inspection() {
		return Optional.of(this.inspection);
	}

	/**
	 * {@inheritDoc} Waits for the store for three times its
	 * {@link LeaseStore#answerLimit} at most, and for the listener for a second.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.shell.stop();
		Duration limit = this.store.answerLimit();
		if (!this.time.await(this.shell.stopped(), limit.multipliedBy(2))) {
			logger.warn("The store could not be told that this process ends; its keys are free for others "
					+ "when its lease has run out");
			this.givenUp = true;
		}
		this.timer.wake();
		if (!this.time.await(this.storeClosed, limit)) {
			logger.warn("The connections of the store could not be closed within {} ms; they are left alone",
					limit.toMillis());
		}
		awaitListener();
	}

	MachineShell shell() {
		return this.shell;
	}

}
