package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.engine.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link LeaseLockManager} runs once it was asked for a key: the shell, the
 * threads that call the store, and the one on which time passes.
 */
final class LeaseEngine {

	private static final Logger logger = LoggerFactory.getLogger(LeaseEngine.class);

	private static final RepeatedFault closeFailures = new RepeatedFault();

	private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);

	/** An acquire, an acquire or a look, and a release at a time. */
	private static final int KEY_STATEMENTS = 3;

	private final LeaseStore store;

	private final TimeSource time;

	private final Runnable catchUp;

	private final Workers leaseCalls;

	private final Workers keyCalls;

	private final Timer timer;

	private final MachineShell shell;

	private final long longestSleepNanos;

	private final CountDownLatch storeClosed = new CountDownLatch(1);

	private volatile boolean givenUp;

	private LeaseEngine(LeaseStore store, LeaseOptions options, String label, Host host, LockListener listener,
			Runnable catchUp, Workers leaseCalls, Workers keyCalls) {
		this.store = store;
		this.time = host.time();
		this.catchUp = catchUp;
		this.leaseCalls = leaseCalls;
		this.keyCalls = keyCalls;
		Duration beat = options.renewInterval();
		this.longestSleepNanos = ((beat.compareTo(LONGEST_SLEEP) < 0) ? beat : LONGEST_SLEEP).toNanos();
		this.timer = host.timer("cross-process-lock-timer", this::turn);
		this.shell = new MachineShell(() -> host.machine(options, label, store.answerLimit().toNanos()), store,
				this.time, leaseCalls, keyCalls, listener, host.deliveries(), this.timer::wake);
	}

	/**
	 * Begins, and throws what the machine throws if it has no thread to give; nothing is
	 * left of it then.
	 * @param catchUp what is to be done now and then
	 */
	static LeaseEngine begin(LeaseStore store, LeaseOptions options, String label, Host host, LockListener listener,
			Runnable catchUp) {
		Workers leaseCalls = new Workers(1, () -> host.caller("cross-process-lock-lease", store), host.time());
		Workers keyCalls = null;
		boolean begun = false;
		try {
			keyCalls = new Workers(KEY_STATEMENTS, () -> host.caller("cross-process-lock-keys", store), host.time());
			LeaseEngine engine = new LeaseEngine(store, options, label, host, listener, catchUp, leaseCalls, keyCalls);
			engine.timer.start();
			begun = true;
			return engine;
		}
		finally {
			if (!begun) {
				leaseCalls.close();
				if (keyCalls != null) {
					keyCalls.close();
				}
			}
		}
	}

	MachineShell shell() {
		return this.shell;
	}

	/** What the timer does each time. */
	private long turn() {
		if (this.shell.stopped().getCount() == 0 || this.givenUp) {
			end();
			return Timer.OVER;
		}
		this.catchUp.run();
		// a host that slept wakes with the monotonic clock unmoved, and must look at the
		// wall clock soon
		return Math.max(0, Math.min(this.shell.pass(), this.longestSleepNanos));
	}

	private void end() {
		long unused = this.shell.pass();
		this.leaseCalls.close();
		this.keyCalls.close();
		close(this.store);
		this.storeClosed.countDown();
	}

	/** Ends the lease, then closes the store. */
	void close() {
		this.shell.stop();
		Duration limit = this.store.answerLimit();
		boolean stopped = this.time.await(this.shell.stopped(), limit.multipliedBy(2));
		this.givenUp = !stopped;
		this.timer.wake();
		if (!stopped) {
			logger.warn("The lease could not be given up when this process ended; its keys are free for others "
					+ "when its lease has run out");
		}
		awaitClose(this.time, this.storeClosed, limit);
	}

	static void close(LeaseStore store) {
		try {
			store.close();
		}
		catch (Throwable ex) {
			closeFailures.happened((more) -> logger.warn("The lock store could not be closed{}", more, ex));
		}
	}

	static void awaitClose(TimeSource time, CountDownLatch storeClosed, Duration limit) {
		if (!time.await(storeClosed, limit)) {
			logger.warn("The connections of the store could not be closed within {} ms; they are left alone",
					limit.toMillis());
		}
	}

}
