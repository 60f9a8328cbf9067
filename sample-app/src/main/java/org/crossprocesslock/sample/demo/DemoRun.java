package org.crossprocesslock.sample.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.sample.invoice.Report;
import org.crossprocesslock.sample.worker.Instruction;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;

/** One run: start, go, kill or stop, judge. */
final class DemoRun implements Run {

	private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(1);

	/** Longer than a worker waits for the lock. */
	private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

	private final DemoDatabase database;

	private final DemoLock lock;

	private final Mishap mishap;

	private final int instances;

	private final PrintWriter out;

	private final Scoreboard scoreboard;

	private final BlockingQueue<Sighting> sightings = new LinkedBlockingQueue<>();

	private final List<WorkerProcess> workers = new CopyOnWriteArrayList<>();

	private final long startedAt = System.nanoTime();

	private volatile boolean closed;

	DemoRun(DemoDatabase database, DemoLock lock, Mishap mishap, int orders, int instances, PrintWriter out) {
		this.database = database;
		this.lock = lock;
		this.mishap = mishap;
		this.instances = instances;
		this.out = out;
		this.scoreboard = new Scoreboard(orders, instances, lock.isTaken(), mishap);
	}

	@Override
	public int run() throws IOException, InterruptedException {
		for (int number = 1; number <= this.instances; number++) {
			this.workers.add(WorkerProcess.start(number, this.database, this.lock, this.out, this.sightings::add));
		}
		watch();
		boolean interrupted = this.closed;
		close();
		return interrupted ? INTERRUPTED : judge();
	}

	@Override
	public void close() {
		this.closed = true;
		this.workers.forEach(WorkerProcess::kill);
		this.workers.forEach(WorkerProcess::awaitEnd);
	}

	private void watch() throws IOException, InterruptedException {
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

	private void follow(Sighting sighting) throws IOException, InterruptedException {
		boolean takenOver = this.scoreboard.takeOver().isPresent();
		this.scoreboard.record(sighting);
		Kind kind = sighting.event().kind();
		if (kind == Kind.READY) {
			print(String.format(Locale.ROOT, "worker %d is ready, process id %d", sighting.worker(),
					sighting.event().number()));
			if (this.scoreboard.allReady()) {
				// together, so that nobody has a head start
				this.workers.forEach((worker) -> worker.tell(Instruction.GO));
			}
		}
		if (kind == Kind.LOST) {
			print(String.format(Locale.ROOT, "worker %d has lost its lease", sighting.worker()));
		}
		if (kind == Kind.STALLED) {
			strike(sighting);
		}
		if (kind == Kind.FAILED) {
			print(String.format(Locale.ROOT, "worker %d had its call fail, since it had lost the lock",
					sighting.worker()));
		}
		if (!takenOver) {
			this.scoreboard.takeOver()
				.ifPresent((time) -> print(String.format(Locale.ROOT, "worker %d has taken over after %s",
						sighting.worker(), Verdict.seconds(time))));
		}
		this.scoreboard.chooseVictim().ifPresent((victim) -> worker(victim).tell(Instruction.STALL));
		int stopped = this.scoreboard.chooseToContinue().orElse(0);
		if (stopped != 0) {
			print(String.format(Locale.ROOT, "worker %d continues with its half done invoice", stopped));
			worker(stopped).resume();
			worker(stopped).tell(Instruction.CONTINUE);
		}
	}

	private void strike(Sighting sighting) throws IOException, InterruptedException {
		this.scoreboard.struck(System.nanoTime());
		WorkerProcess victim = worker(sighting.worker());
		if (this.mishap == Mishap.KILLED) {
			victim.kill();
		}
		else {
			victim.suspend();
		}
		print(String.format(Locale.ROOT, "worker %d was %s with invoice %d half done", sighting.worker(),
				this.mishap.name().toLowerCase(Locale.ROOT), sighting.event().number()));
	}

	private WorkerProcess worker(int number) {
		return this.workers.get(number - 1);
	}

	private int judge() {
		Report report = this.database.report();
		boolean refused = this.scoreboard.isContinuedInVain() && report.isComplete();
		if (this.scoreboard.isContinued() && !refused) {
			this.scoreboard.fail("a stale commit was NOT refused");
		}
		Verdict verdict = new Verdict(report, this.scoreboard.takeOver(), refused, this.scoreboard.failures());
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
		this.out.println(String.format(Locale.ROOT, "%6s  %s",
				Verdict.seconds(Duration.ofNanos(System.nanoTime() - this.startedAt)), text));
	}

}
