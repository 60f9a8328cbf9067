package org.crossprocesslock.sample.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.sample.worker.Instruction;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;

/** One run: start, go, kill, judge. */
final class DemoRun implements AutoCloseable {

	private static final int INTERRUPTED = 1;

	private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(1);

	/** Longer than a worker waits for the lock. */
	private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

	private final DemoDatabase database;

	private final DemoLock lock;

	private final int instances;

	private final PrintWriter out;

	private final Scoreboard scoreboard;

	private final BlockingQueue<Sighting> sightings = new LinkedBlockingQueue<>();

	private final List<WorkerProcess> workers = new CopyOnWriteArrayList<>();

	private final long startedAt = System.nanoTime();

	private volatile boolean closed;

	DemoRun(DemoDatabase database, DemoLock lock, int orders, int instances, PrintWriter out) {
		this.database = database;
		this.lock = lock;
		this.instances = instances;
		this.out = out;
		this.scoreboard = new Scoreboard(orders, instances, lock.isTaken());
	}

	/**
	 * Runs the demo to its verdict.
	 * @return the exit code
	 */
	int run() throws IOException, InterruptedException {
		for (int number = 1; number <= this.instances; number++) {
			this.workers.add(WorkerProcess.start(number, this.database, this.lock, this.out, this.sightings::add));
		}
		watch();
		boolean interrupted = this.closed;
		close();
		return interrupted ? INTERRUPTED : judge();
	}

	/**
	 * Ends the workers that still run; without them the database can go. Any thread may.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.workers.forEach(WorkerProcess::kill);
		this.workers.forEach(WorkerProcess::awaitEnd);
	}

	private void watch() throws InterruptedException {
		long nextProgress = System.nanoTime();
		long lastSighting = System.nanoTime();
		while (!this.scoreboard.isOver()) {
			long now = System.nanoTime();
			if (now - nextProgress >= 0) {
				if (this.scoreboard.allReady()) {
					print(this.scoreboard.progress());
				}
				nextProgress = now + BETWEEN_PROGRESS.toNanos();
			}
			Sighting sighting = this.sightings.poll(nextProgress - now, TimeUnit.NANOSECONDS);
			if (sighting != null) {
				lastSighting = sighting.nanoTime();
				follow(sighting);
			}
			else if (System.nanoTime() - lastSighting > LONGEST_SILENCE.toNanos()) {
				this.scoreboard.fail("no sign of life from any worker for " + LONGEST_SILENCE.toSeconds() + " s");
				return;
			}
		}
	}

	private void follow(Sighting sighting) {
		boolean takenOver = this.scoreboard.takeOver().isPresent();
		this.scoreboard.record(sighting);
		Kind kind = sighting.event().kind();
		if (kind == Kind.READY) {
			print("worker %d is ready, process id %d".formatted(sighting.worker(), sighting.event().number()));
			if (this.scoreboard.allReady()) {
				// together, so that nobody has a head start
				this.workers.forEach((worker) -> worker.tell(Instruction.GO));
			}
		}
		if (kind == Kind.LOST) {
			print("worker %d has lost its lease".formatted(sighting.worker()));
		}
		if (kind == Kind.STALLED) {
			killVictim(sighting);
		}
		if (!takenOver) {
			this.scoreboard.takeOver()
				.ifPresent((time) -> print(
						"worker %d has taken over after %s".formatted(sighting.worker(), Verdict.seconds(time))));
		}
		this.scoreboard.chooseVictim().ifPresent((victim) -> worker(victim).tell(Instruction.STALL));
	}

	private void killVictim(Sighting sighting) {
		this.scoreboard.killed(System.nanoTime());
		worker(sighting.worker()).kill();
		print("worker %d was killed with invoice %d half done".formatted(sighting.worker(), sighting.event().number()));
	}

	private WorkerProcess worker(int number) {
		return this.workers.get(number - 1);
	}

	private int judge() {
		Verdict verdict = new Verdict(this.database.report(), this.scoreboard.takeOver(), this.scoreboard.failures());
		print(this.scoreboard.progress());
		if (!this.lock.isTaken()) {
			this.out.println("""
					Without a lock two processes read the same last number, and the same order, before either of them \
					has inserted its invoice. Nothing else in this application keeps them apart.""");
		}
		this.out.println(verdict.toLine());
		return verdict.isOk() ? 0 : 1;
	}

	private void print(String text) {
		this.out
			.println("%6s  %s".formatted(Verdict.seconds(Duration.ofNanos(System.nanoTime() - this.startedAt)), text));
	}

}
