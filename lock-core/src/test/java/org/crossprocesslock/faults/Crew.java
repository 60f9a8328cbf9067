package org.crossprocesslock.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;

import org.crossprocesslock.lease.jdbc.StallingProxy;
import org.crossprocesslock.processes.ChildJvm;
import org.jspecify.annotations.Nullable;

/**
 * The processes that work under the locks, each with a proxy of its own between it and
 * the database. Different processes may be used by different threads.
 */
final class Crew implements AutoCloseable {

	/** How many there are. */
	static final int SIZE = 4;

	private final BatteryDatabase database;

	private final SectionRecords records;

	private final Duration lease;

	private final IntFunction<Map<String, String>> environments;

	private final List<Post> posts = new ArrayList<>();

	/**
	 * Launches all.
	 * @param lease their lease duration
	 * @param environments what the environment of each has beyond that of this process
	 */
	Crew(BatteryDatabase database, SectionRecords records, Duration lease,
			IntFunction<Map<String, String>> environments) throws IOException {
		this.database = database;
		this.records = records;
		this.lease = lease;
		this.environments = environments;
		for (int i = 0; i < SIZE; i++) {
			this.posts.add(new Post("process-" + i, StallingProxy.of(database.port())));
			launch(i);
		}
	}

	/** One that starts where there is none. */
	void launch(int process) {
		Post post = this.posts.get(process);
		post.lives++;
		post.child = ChildJvm.start(this.environments.apply(process), WorkingProcess.class,
				assignment(process).toArguments());
	}

	/** Both kinds of holder name with both kinds of connections. */
	private Assignment assignment(int process) {
		Post post = this.posts.get(process);
		boolean stableName = process % 2 == 0;
		boolean ownConnections = process < SIZE / 2;
		String name = post.name + "." + post.lives;
		return new Assignment(this.database.url(post.proxy.port()), this.database.dialect(), name, stableName,
				ownConnections, this.lease, this.records.file(name));
	}

	/** Kills it and waits until it is gone. */
	void kill(int process) {
		child(process).close();
	}

	ChildJvm child(int process) {
		ChildJvm child = this.posts.get(process).child;
		if (child == null) {
			throw new IllegalStateException("not launched: " + process);
		}
		return child;
	}

	StallingProxy proxy(int process) {
		return this.posts.get(process).proxy;
	}

	/** The names of those that run, one per start. */
	Set<String> names() {
		Set<String> names = new TreeSet<>();
		for (int i = 0; i < SIZE; i++) {
			names.add(assignment(i).name());
		}
		return names;
	}

	/** The names of those that run, as others see them in a lease. */
	List<String> holders() {
		List<String> holders = new ArrayList<>();
		for (int i = 0; i < SIZE; i++) {
			holders.add(assignment(i).holder());
		}
		return holders;
	}

	/** Sends each the command; returns what each has answered. */
	List<String> all(String command, String answer) throws InterruptedException {
		for (int i = 0; i < SIZE; i++) {
			child(i).send(command);
		}
		return awaitAll(answer);
	}

	List<String> awaitAll(String answer) throws InterruptedException {
		List<String> answers = new ArrayList<>();
		for (int i = 0; i < SIZE; i++) {
			answers.add(child(i).await(answer));
		}
		return answers;
	}

	/** All that they have printed. */
	String transcripts() {
		StringBuilder all = new StringBuilder();
		for (Post post : this.posts) {
			all.append(post.child).append('\n');
		}
		return all.toString();
	}

	@Override
	public void close() throws IOException {
		for (Post post : this.posts) {
			if (post.child != null) {
				post.child.close();
			}
			post.proxy.close();
		}
	}

	/** What stays when a process is replaced by another. */
	private static final class Post {

		private final String name;

		private final StallingProxy proxy;

		private int lives;

		private volatile @Nullable ChildJvm child;

		Post(String name, StallingProxy proxy) {
			this.name = name;
			this.proxy = proxy;
		}

	}

}
