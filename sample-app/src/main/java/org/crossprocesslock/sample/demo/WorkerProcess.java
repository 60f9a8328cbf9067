package org.crossprocesslock.sample.demo;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.crossprocesslock.sample.SampleApplication;
import org.crossprocesslock.sample.worker.Instruction;
import org.crossprocesslock.sample.worker.WorkerEvent;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.system.ApplicationHome;

/** A process of this application that numbers orders, seen from the demo. */
final class WorkerProcess {

	/** Three JVMs start at once on two cores: the quick compiler only, little memory. */
	private static final List<String> JVM_OPTIONS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
			"-Xshare:auto", "-Xmx256m");

	private final int number;

	private final Process process;

	private final CompletableFuture<@Nullable Void> heard = new CompletableFuture<>();

	private WorkerProcess(int number, Process process) {
		this.number = number;
		this.process = process;
	}

	/**
	 * Starts a worker.
	 * @param number its number, from 1
	 * @param database what the processes share
	 * @param lock what keeps them apart
	 * @param out where what it prints goes, other than events
	 * @param sightings what to do with its events, called by a thread of its own
	 * @param arguments what else it is told
	 */
	static WorkerProcess start(int number, DemoDatabase database, DemoLock lock, PrintWriter out,
			Consumer<Sighting> sightings, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(JVM_OPTIONS);
		command.addAll(application());
		command.add("worker");
		command.addAll(lock.workerArguments());
		command.add("--sample.table-prefix=" + DemoDatabase.TABLE_PREFIX);
		command.addAll(List.of(arguments));
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().putAll(database.environment());
		WorkerProcess worker = new WorkerProcess(number, builder.start());
		Thread reader = new Thread(() -> worker.readAll(out, sightings), "worker-" + number);
		reader.setDaemon(true);
		reader.start();
		return worker;
	}

	private static List<String> application() {
		File source = new ApplicationHome(SampleApplication.class).getSource();
		if (source != null && source.isFile()) {
			return List.of("-jar", source.getPath());
		}
		return List.of("-cp", System.getProperty("java.class.path"), SampleApplication.class.getName());
	}

	int number() {
		return this.number;
	}

	void tell(Instruction instruction) {
		try {
			this.process.getOutputStream().write((instruction + "\n").getBytes(StandardCharsets.UTF_8));
			this.process.getOutputStream().flush();
		}
		catch (IOException ex) {
			// it has ended, which its EXITED tells
		}
	}

	/**
	 * Ends the process with SIGKILL, where there is such a thing. What it has said before
	 * can still be read, unlike after {@link Process#destroyForcibly()}.
	 */
	void kill() {
		this.process.toHandle().destroyForcibly();
	}

	/** Stops the process with SIGSTOP: it does nothing more and does not notice. */
	void suspend() throws IOException, InterruptedException {
		signal("-STOP");
	}

	/** Lets the process continue where it was stopped. */
	void resume() throws IOException, InterruptedException {
		signal("-CONT");
	}

	private void signal(String signal) throws IOException, InterruptedException {
		Process kill = new ProcessBuilder("kill", signal, Long.toString(this.process.pid())).inheritIO().start();
		if (kill.waitFor() != 0) {
			throw new IOException("kill " + signal + " " + this.process.pid() + " ended with " + kill.exitValue());
		}
	}

	/** Waits for the end of a process that was killed, and of all it has said. */
	void awaitEnd() {
		this.process.onExit().join();
		this.heard.join();
	}

	private void readAll(PrintWriter out, Consumer<Sighting> sightings) {
		try (BufferedReader lines = this.process.inputReader(StandardCharsets.UTF_8)) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				String text = line;
				WorkerEvent.parse(line)
					.ifPresentOrElse((event) -> sightings.accept(sighting(event)),
							() -> out.println("[worker " + this.number + "] " + text));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			sightings.accept(sighting(new WorkerEvent(Kind.EXITED, this.process.onExit().join().exitValue())));
			this.heard.complete(null);
		}
	}

	private Sighting sighting(WorkerEvent event) {
		return new Sighting(this.number, event, System.nanoTime());
	}

}
