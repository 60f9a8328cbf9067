package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.crossprocesslock.engine.Callbacks;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has calls of the store made, as many at a time as there are callers. These are made at
 * the start, so that sending a command needs nothing that could be missing. One whose
 * call is overdue is left to itself and another takes its place, beyond a bound ever more
 * seldom: a store that never answers must not use up all threads of the host. Safe from
 * any thread; nothing blocks.
 */
final class Workers implements Calls {

	/** So many calls may hang at a time before further callers are made seldom. */
	static final int MOST_STUCK = 8;

	/** Until one more is made then; the more hang, the longer. */
	static final Duration PAUSE = Duration.ofMinutes(1);

	private static final Logger logger = LoggerFactory.getLogger(Workers.class);

	/** A call of the store, and who hears of its answer. */
	private static final class Job {

		private final Command command;

		private final Consumer<Answer> answers;

		private boolean abandoned;

		Job(Command command, Consumer<Answer> answers) {
			this.command = command;
			this.answers = answers;
		}

	}

	private final RepeatedFault failures = new RepeatedFault();

	private final RepeatedFault hangs = new RepeatedFault();

	private final ReentrantLock lock = new ReentrantLock();

	private final Supplier<? extends StoreCaller> callers;

	private final TimeSource time;

	private final Deque<StoreCaller> idle = new ArrayDeque<>();

	private final List<Job> underWay = new ArrayList<>();

	private final Deque<Job> waiting = new ArrayDeque<>();

	private int stuck;

	private int missing;

	/** When the last one was given up or replaced. */
	private long changedNanos;

	private boolean closed;

	/**
	 * Has the first callers made.
	 * @param count how many calls are made at a time
	 * @param callers makes a caller, or throws what the machine throws if it has no
	 * thread to give
	 * @param time passes while calls hang
	 */
	Workers(int count, Supplier<? extends StoreCaller> callers, TimeSource time) {
		this.callers = callers;
		this.time = time;
		try {
			for (int i = 0; i < count; i++) {
				this.idle.add(callers.get());
			}
		}
		finally {
			if (this.idle.size() < count) {
				close();
			}
		}
	}

	@Override
	public boolean run(Command command, Consumer<Answer> answers) {
		this.lock.lock();
		try {
			if (this.closed) {
				return false;
			}
			replaceMissing();
			Job job = new Job(command, answers);
			this.waiting.add(job);
			serve();
			// nobody would come for it
			return !this.underWay.isEmpty() || !this.waiting.remove(job);
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void abandon(Command command) {
		this.lock.lock();
		try {
			this.waiting.removeIf((job) -> job.command == command);
			for (Job job : List.copyOf(this.underWay)) {
				if (job.command == command) {
					abandon(job);
				}
			}
			replaceMissing();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void abandonAll() {
		this.lock.lock();
		try {
			this.waiting.clear();
			List.copyOf(this.underWay).forEach(this::abandon);
			replaceMissing();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void abandon(Job job) {
		this.underWay.remove(job);
		job.abandoned = true;
		this.stuck++;
		this.missing++;
		this.changedNanos = this.time.nanos();
		if (this.stuck > MOST_STUCK) {
			int hanging = this.stuck;
			// not under the lock, where others wait
			this.hangs.happened((more) -> Callbacks.LOSSES.run(() -> warn(hanging, more)));
		}
	}

	private static void warn(int hanging, String more) {
		logger.warn("{} calls of the lock store hang, which take a thread each; further threads for calls are made "
				+ "seldom until they end. Look at the driver and its network timeouts{}", hanging, more);
	}

	int stuck() {
		this.lock.lock();
		try {
			return this.stuck;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		this.lock.lock();
		try {
			this.closed = true;
			this.idle.forEach(StoreCaller::end);
			this.idle.clear();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void replaceMissing() {
		while (this.missing > 0 && mayReplace() && !this.closed) {
			try {
				StoreCaller caller = this.callers.get();
				this.missing--;
				this.changedNanos = this.time.nanos();
				rest(caller);
			}
			catch (Throwable ex) {
				// tried again with the next command
				this.failures.happened((more) -> logger
					.debug("No thread can be made to take the place of one that is stuck{}", more, ex));
				return;
			}
		}
	}

	private boolean mayReplace() {
		int beyond = this.stuck - MOST_STUCK;
		return beyond <= 0 || this.time.nanos() - this.changedNanos >= PAUSE.toNanos() * beyond;
	}

	/** The caller has nothing to do. */
	private void rest(StoreCaller caller) {
		if (this.closed) {
			caller.end();
		}
		else {
			this.idle.push(caller);
			serve();
		}
	}

	/** Has those who rest make the calls that wait. */
	private void serve() {
		while (!this.idle.isEmpty() && !this.waiting.isEmpty()) {
			StoreCaller caller = this.idle.pop();
			Job job = this.waiting.remove();
			this.underWay.add(job);
			try {
				caller.make(job.command, (answer) -> ended(job, caller, answer));
			}
			catch (Throwable ex) {
				// both wait for the next command, or for the next caller that comes back
				this.underWay.remove(job);
				this.waiting.addFirst(job);
				this.failures.happened((more) -> logger.debug("A call of the store could not be begun{}", more, ex));
				this.idle.push(caller);
				return;
			}
		}
	}

	private void ended(Job job, StoreCaller caller, Answer answer) {
		try {
			if (mayAnswer(job)) {
				job.answers.accept(answer);
			}
		}
		finally {
			free(job, caller);
		}
	}

	/** Whether the answer still counts. */
	private boolean mayAnswer(Job job) {
		this.lock.lock();
		try {
			return !job.abandoned;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void free(Job job, StoreCaller caller) {
		this.lock.lock();
		try {
			if (job.abandoned) {
				this.stuck--;
				if (this.missing == 0) {
					caller.end();
					return;
				}
				this.missing--;
			}
			this.underWay.remove(job);
			rest(caller);
		}
		finally {
			this.lock.unlock();
		}
	}

}
