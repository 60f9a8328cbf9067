package org.crossprocesslock.processes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that meet in an empty database, and what one says about a grant. */
@Timeout(180)
abstract class ProcessFixture {

	private final List<ChildJvm> children = new ArrayList<>();

	private TestDatabase database = new TestDatabase("none");

	/**
	 * Creates an empty database that lives for the test.
	 * @param directory where it may put files
	 */
	abstract TestDatabase newDatabase(Path directory) throws Exception;

	@BeforeEach
	void createDatabase(@TempDir Path directory) throws Exception {
		this.database = newDatabase(directory);
	}

	@AfterEach
	void endChildren() {
		this.children.forEach(ChildJvm::close);
	}

	final TestDatabase database() {
		return this.database;
	}

	/** Launches a process; its Java virtual machine starts while this one goes on. */
	final ChildJvm launch(String label, Duration lease) {
		return launch(LockingProcess.class, label, lease);
	}

	/** Launches a process with a stable name. */
	final ChildJvm launch(String label, Duration lease, String holderName) {
		return launched(LockingProcess.class, this.database.url(), label, Long.toString(lease.toMillis()), holderName);
	}

	/** Launches a process that has a lease of its own. */
	final ChildJvm launch(Class<?> main, String label, Duration lease) {
		return launched(main, this.database.url(), label, Long.toString(lease.toMillis()));
	}

	/** The same on another class path than that of this process. */
	final ChildJvm launch(String classPath, Class<?> main, String label, Duration lease) {
		return launched(ChildJvm.startOn(classPath, main, this.database.url(), label, Long.toString(lease.toMillis())));
	}

	private ChildJvm launched(Class<?> main, String... arguments) {
		return launched(ChildJvm.start(main, arguments));
	}

	private ChildJvm launched(ChildJvm child) {
		this.children.add(child);
		return child;
	}

	/** Starts the lock managers of the processes. */
	static void start(ChildJvm... processes) throws InterruptedException {
		for (ChildJvm process : processes) {
			process.send("start");
		}
		for (ChildJvm process : processes) {
			process.await("started");
		}
	}

	/** Has the process take a key that is free, however long a statement takes. */
	static Grant take(ChildJvm process, String key) throws InterruptedException {
		waitFor(process, key);
		return Grant.of(process.await("granted"));
	}

	/** Has the process wait for a key; returns when it is about to. */
	static void waitFor(ChildJvm process, String key) throws InterruptedException {
		process.send("lock " + key + " 60000").await("waiting");
	}

	/**
	 * A key that was granted.
	 *
	 * @param token the fencing token
	 * @param millis when, by the wall clock that all processes of a machine share
	 */
	record Grant(long token, long millis) {

		static Grant of(String answer) {
			String[] words = answer.split(" ", -1);
			return new Grant(Long.parseLong(words[0]), Long.parseLong(words[1]));
		}

		Duration since(long before) {
			return Duration.ofMillis(this.millis - before);
		}

	}

}
