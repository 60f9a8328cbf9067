package org.crossprocesslock.benchmarks.worker;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A Java virtual machine of its own that does tasks. Safe from any thread.
 */
public final class TaskProcess implements AutoCloseable {

	private final Process process;

	private final ObjectOutputStream tasks;

	private final ObjectInputStream answers;

	private final ExecutorService messenger = Executors.newSingleThreadExecutor();

	private TaskProcess(Process process) throws IOException {
		this.process = process;
		this.tasks = new ObjectOutputStream(process.getOutputStream());
		this.tasks.flush();
		this.answers = new ObjectInputStream(process.getInputStream());
	}

	/** Starts a process with the class path of this one and options of the JVM. */
	public static TaskProcess start(List<String> jvmOptions) throws IOException {
		return new TaskProcess(JavaCommand.of(ClassPath.ofThisProcess(), jvmOptions, TaskRunner.class).start());
	}

	/**
	 * Has a task done, after those that came before.
	 * @param <T> what it answers
	 * @param task the task
	 * @return the answer to come; fails if the task fails or the process ends
	 */
	public <T extends Serializable> CompletableFuture<T> submit(Task<T> task) {
		return CompletableFuture.supplyAsync(() -> exchange(task), this.messenger);
	}

	/**
	 * Has a task done and waits for it.
	 * @param <T> what it answers
	 * @param task the task
	 * @return the answer
	 * @throws CompletionException if the task fails or the process ends
	 */
	public <T extends Serializable> T call(Task<T> task) {
		return submit(task).join();
	}

	private <T extends Serializable> T exchange(Task<T> task) {
		try {
			this.tasks.writeObject(task);
			this.tasks.flush();
			TaskRunner.Answer answer = (TaskRunner.Answer) this.answers.readObject();
			if (answer instanceof TaskRunner.Failure failure) {
				throw new CompletionException(failure.reason());
			}
			@SuppressWarnings("unchecked") // it is the answer to this task
			T result = (T) ((TaskRunner.Success) answer).result();
			return result;
		}
		catch (IOException | ClassNotFoundException ex) {
			throw new CompletionException(ex);
		}
	}

	/** The process, for what the operating system knows about it. */
	public ProcessHandle handle() {
		return this.process.toHandle();
	}

	/** Kills the process and waits for its end. */
	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
		this.messenger.shutdown();
	}

}
