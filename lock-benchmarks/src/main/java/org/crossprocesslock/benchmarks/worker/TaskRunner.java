package org.crossprocesslock.benchmarks.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import org.crossprocesslock.benchmarks.contender.Acquired;
import org.crossprocesslock.benchmarks.contender.Locks;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a {@link TaskProcess}: does the tasks that come in on its standard
 * input, one after the other, and answers on its standard output. Ends with its input.
 */
public final class TaskRunner {

	private final Deque<Acquired> held = new ArrayDeque<>();

	private final List<Locks> fleet = new ArrayList<>();

	private @Nullable Locks locks;

	private TaskRunner() {
	}

	/** Runs until standard input ends. */
	public static void main(String[] arguments) throws IOException, ClassNotFoundException {
		PrintStream answers = System.out;
		// libraries may print what they like, elsewhere
		System.setOut(System.err);
		new TaskRunner().work(System.in, answers);
		Runtime.getRuntime().halt(0);
	}

	private void work(InputStream in, PrintStream out) throws IOException, ClassNotFoundException {
		ObjectOutputStream answers = new ObjectOutputStream(out);
		answers.flush();
		ObjectInputStream tasks = new ObjectInputStream(in);
		for (Object task = tasks.readObject(); task != null; task = tasks.readObject()) {
			answers.writeObject(answer((Task<?>) task));
			answers.reset();
			answers.flush();
		}
	}

	/** A task that fails fails the run, which is why its failure is an answer too. */
	private Answer answer(Task<?> task) {
		try {
			return new Success(task.run(this));
		}
		catch (Exception ex) {
			return new Failure(ex);
		}
	}

	/** The locks that were opened. */
	Locks locks() {
		Locks current = this.locks;
		if (current == null) {
			throw new IllegalStateException("No locks are open");
		}
		return current;
	}

	void open(Locks locks) {
		if (this.locks != null) {
			throw new IllegalStateException("Locks are open already");
		}
		this.locks = locks;
	}

	void close() {
		locks().close();
		this.locks = null;
	}

	/** Locks of processes that are not there, each with one thread. */
	List<Locks> fleet() {
		return this.fleet;
	}

	/** What is held between two tasks. */
	Deque<Acquired> held() {
		return this.held;
	}

	/** What a process answers to one task. */
	sealed interface Answer extends Serializable {

	}

	/** The task was done. */
	record Success(Serializable result) implements Answer {

	}

	/** The task could not be done. */
	record Failure(Exception reason) implements Answer {

	}

}
