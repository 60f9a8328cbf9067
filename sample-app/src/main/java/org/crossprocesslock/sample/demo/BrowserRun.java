package org.crossprocesslock.sample.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.crossprocesslock.sample.worker.Instruction;
import org.crossprocesslock.sample.worker.WorkerEvent;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;

/**
 * A run to look at: slow processes, each with a page, of which one after the other is
 * killed or stopped in the middle of its work until every order has its number.
 */
final class BrowserRun implements Run {

	/** Serves the page that is looked at, and is left alone. */
	private static final int SHOWING = 1;

	private static final Duration BEFORE_THE_FIRST_MISHAP = Duration.ofSeconds(5);

	private static final Duration BETWEEN_MISHAPS = Duration.ofSeconds(15);

	/** Slow enough to be seen. */
	private static final Duration RENDERING_TIME = Duration.ofMillis(250);

	/** Longer than the lease. */
	private static final Duration STANDSTILL = Duration.ofSeconds(9);

	private final DemoDatabase database;

	private final DemoLock lock;

	private final PrintWriter out;

	private final BlockingQueue<Sighting> sightings = new LinkedBlockingQueue<>();

	private final List<Integer> ports;

	// by number, the youngest of each
	private final TreeMap<Integer, WorkerProcess> workers = new TreeMap<>();

	private final long startedAt = System.nanoTime();

	private Mishap mishap = Mishap.KILLED;

	// once there is somebody to look
	private long nextMishapAt = Long.MAX_VALUE;

	private int victim;

	private long struckAt;

	private long token;

	private Optional<Duration> takeOver = Optional.empty();

	private long continueAt;

	private int finished;

	private volatile boolean closed;

	BrowserRun(DemoDatabase database, DemoLock lock, int instances, PrintWriter out) throws IOException {
		this.database = database;
		this.lock = lock;
		this.out = out;
		this.ports = freePorts(instances);
	}

	@Override
	public int run() throws IOException, InterruptedException {
		for (int number = 1; number <= this.ports.size(); number++) {
			start(number);
		}
		while (!this.closed && this.finished < this.ports.size()) {
			Sighting sighting = this.sightings.poll(1, TimeUnit.SECONDS);
			if (sighting != null) {
				follow(sighting);
			}
			if (this.continueAt != 0 && elapsed() > this.continueAt) {
				goOn();
			}
		}
		boolean interrupted = this.closed;
		close();
		if (interrupted) {
			return INTERRUPTED;
		}
		Verdict verdict = new Verdict(this.database.report(), this.takeOver, false, List.of());
		this.out.println(verdict.toLine());
		return verdict.isOk() ? 0 : 1;
	}

	@Override
	public void close() {
		this.closed = true;
		List<WorkerProcess> running;
		synchronized (this.workers) {
			running = List.copyOf(this.workers.values());
		}
		running.forEach(WorkerProcess::kill);
		running.forEach(WorkerProcess::awaitEnd);
	}

	private void start(int number) throws IOException {
		synchronized (this.workers) {
			if (!this.closed) {
				this.workers.put(number, WorkerProcess.start(number, this.database, this.lock, this.out,
						this.sightings::add, arguments(this.ports.get(number - 1))));
			}
		}
	}

	private String[] arguments(int port) {
		return new String[] { "--spring.main.web-application-type=servlet", "--server.address=127.0.0.1",
				"--server.port=" + port, "--sample.rendering-time=" + RENDERING_TIME.toMillis() + "ms",
				"--cross-process-lock.jdbc.lease.duration=5s",
				// the page of one process asks the others
				"--management.endpoints.web.cors.allowed-origin-patterns=http://localhost:[*]" };
	}

	private void follow(Sighting sighting) throws IOException, InterruptedException {
		WorkerEvent event = sighting.event();
		int number = sighting.worker();
		switch (event.kind()) {
			case READY -> ready(number, event.number());
			case ACQUIRED -> acquired(number, event.number());
			case STALLED -> strike(number);
			case LOST -> print("worker " + number + " has lost its lock, token " + event.number());
			case FAILED -> print("worker " + number + " was kept from committing what it had begun");
			case FINISHED -> this.finished++;
			case EXITED -> exited(number, event.number());
			case RELEASED, NUMBERED -> {
			}
		}
	}

	private void ready(int number, long processId) {
		worker(number).tell(Instruction.GO);
		print(String.format(Locale.ROOT, "worker %d works, process id %d", number, processId));
		if (number == SHOWING) {
			this.out.println("Open " + page() + "   (Ctrl-C ends it)");
			this.nextMishapAt = elapsed() + BEFORE_THE_FIRST_MISHAP.toNanos();
		}
	}

	private void acquired(int number, long token) {
		// pipes are read by several threads: only a greater token is news
		boolean news = token > this.token;
		this.token = Math.max(token, this.token);
		if (this.struckAt != 0 && news && number != this.victim) {
			Duration time = Duration.ofNanos(elapsed() - this.struckAt);
			print("worker " + number + " has taken over after " + Verdict.seconds(time));
			this.struckAt = 0;
			this.takeOver = Optional.of(this.takeOver.orElse(time));
		}
		boolean due = elapsed() > this.nextMishapAt;
		if (due && this.victim == 0 && number != SHOWING) {
			this.victim = number;
			worker(number).tell(Instruction.STALL);
		}
	}

	private void strike(int number) throws IOException, InterruptedException {
		print("worker " + number + " is " + this.mishap.name().toLowerCase(Locale.ROOT) + " in the middle of its work");
		this.struckAt = elapsed();
		if (this.mishap == Mishap.KILLED) {
			worker(number).kill();
		}
		else {
			worker(number).suspend();
			this.continueAt = elapsed() + STANDSTILL.toNanos();
		}
	}

	private void goOn() throws IOException, InterruptedException {
		print("worker " + this.victim + " continues");
		worker(this.victim).resume();
		worker(this.victim).tell(Instruction.CONTINUE);
		this.continueAt = 0;
		over();
	}

	private void exited(int number, long exitCode) throws IOException {
		if (exitCode == 0) {
			return;
		}
		// killed, here or by whoever watches: the next one takes its place
		if (number == this.victim) {
			this.continueAt = 0;
			over();
		}
		start(number);
	}

	private void over() {
		this.victim = 0;
		this.mishap = (this.mishap == Mishap.KILLED && DemoCommand.canStop()) ? Mishap.STOPPED : Mishap.KILLED;
		this.nextMishapAt = elapsed() + BETWEEN_MISHAPS.toNanos();
	}

	private long elapsed() {
		return System.nanoTime() - this.startedAt;
	}

	private String page() {
		return "http://localhost:" + this.ports.get(0) + "/?processes="
				+ this.ports.stream().map(String::valueOf).collect(Collectors.joining(","));
	}

	private WorkerProcess worker(int number) {
		synchronized (this.workers) {
			return Objects.requireNonNull(this.workers.get(number));
		}
	}

	private void print(String text) {
		this.out.println(String.format(Locale.ROOT, "%6s  %s", Verdict.seconds(Duration.ofNanos(elapsed())), text));
	}

	/**
	 * Below the ports that systems give to whoever asks for any, since one of those may
	 * be taken by a connection before the process is up.
	 */
	private static List<Integer> freePorts(int count) throws IOException {
		List<ServerSocket> sockets = new ArrayList<>();
		try {
			while (sockets.size() < count) {
				int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
				try {
					sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
				}
				catch (BindException ex) {
					// somebody has it; there are thousands more
				}
			}
			return sockets.stream().map(ServerSocket::getLocalPort).toList();
		}
		finally {
			for (ServerSocket socket : sockets) {
				socket.close();
			}
		}
	}

}
