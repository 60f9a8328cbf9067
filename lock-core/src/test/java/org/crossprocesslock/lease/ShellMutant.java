package org.crossprocesslock.lease;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The shell of the machine with one change by hand, as it may slip in. The change is one
 * of the source, which is compiled for it, so that nothing has to be prepared for it
 * there.
 *
 * @param name what is wrong then
 * @param type the changed type, with its package below that of the library
 * @param original what is there, once
 * @param changed what is there instead
 */
record ShellMutant(String name, String type, String original, String changed) {

	private static final Path SOURCES = Path.of("src/main/java/org/crossprocesslock");

	private static final String SHELL = "lease.MachineShell";

	private static final String MEMORY = "lease.KeyMemory";

	private static final String WORKERS = "lease.Workers";

	private static final String DELIVERIES = "lease.Deliveries";

	private static final String ENGINE = "lease.LeaseEngine";

	private static final String CALLBACKS = "engine.Callbacks";

	private static final String QUEUE = "engine.ListenerQueue";

	private static final String HELD = "engine.HeldLock";

	private static final String ATTEMPT = "engine.LockAttempt";

	static List<ShellMutant> all() {
		return List.of(
				// the shell
				new ShellMutant("the timer does not hear of earlier times", SHELL,
						"if (earlier || !this.unsent.isEmpty()) {", "if (false) {"),
				new ShellMutant("a machine that threw goes on", SHELL, "this.machine = null;\n\t\t\tthis.failure = ex;",
						"this.failure = ex;"),
				new ShellMutant("a machine that threw is not replaced", SHELL,
						"if (this.stopping) {\n\t\t\tthis.stopped.countDown();\n\t\t\treturn;\n\t\t}\n\t\tthis.listener",
						"if (true) {\n\t\t\treturn;\n\t\t}\n\t\tthis.listener"),
				new ShellMutant("a machine that follows another takes keys for never held", SHELL,
						"next.followsAnother();", ""),
				new ShellMutant("a guard of a key that was dropped hides the key in its place", MEMORY,
						"if (this.all.get(key.name) != key) {\n\t\t\treturn;\n\t\t}", ""),
				new ShellMutant("guards of a machine that threw are forgotten", SHELL,
						"lost = List.copyOf(this.holds);", "lost = List.of();"),
				new ShellMutant("requests of a machine that threw are forgotten", SHELL,
						"failed = List.copyOf(this.waiters.keySet());", "failed = List.of();"),
				new ShellMutant("nobody notes what is granted", SHELL, "this.holds.add(granted.hold());", ""),
				new ShellMutant("the machine does not hear who has given up", SHELL, "state.abandoned(waiter, now);",
						""),
				new ShellMutant("a call that is overdue keeps its thread", SHELL,
						"callsOf(dropped.call()).abandon(dropped.call().command());", ""),
				new ShellMutant("the user of a guard is not told of its loss", SHELL,
						"lost.hold().told().lose(lost.reason());", ""),
				new ShellMutant("what the machine said last is not told", DELIVERIES, "shell.stopped().countDown();",
						""),
				// threads for calls
				new ShellMutant("the thread of an abandoned call is not replaced", WORKERS, "this.missing++;", ""),
				new ShellMutant("a thread that could not be made is forgotten", WORKERS,
						"StoreCaller caller = this.callers.get();\n\t\t\t\tthis.missing--;",
						"this.missing--;\n\t\t\t\tStoreCaller caller = this.callers.get();"),
				new ShellMutant("threads that come back are kept beside those that replaced them", WORKERS,
						"if (this.missing == 0) {\n\t\t\t\t\tcaller.end();\n\t\t\t\t\treturn;\n\t\t\t\t}", ""),
				new ShellMutant("a thread whose call could not be begun is lost", WORKERS,
						"this.idle.push(caller);\n\t\t\t\treturn;", "return;"),
				new ShellMutant("threads at rest outlive their manager", WORKERS,
						"this.idle.forEach(StoreCaller::end);", ""),
				// who is told
				new ShellMutant("requests are not turned away at the end", DELIVERIES,
						"rejected.waiter().told().failed(AttemptingLockManager.closedException());", ""),
				new ShellMutant("a closer does not hear of the release", DELIVERIES,
						"released.hold().released().complete(null);", ""),
				new ShellMutant("a failure is told to nobody", DELIVERIES,
						"failed.waiter().told().failed(failed.failure());", ""),
				new ShellMutant("users of a machine that threw are not told", DELIVERIES,
						"guarded(() -> hold.told().lose(ENGINE_FAILED));", ""),
				new ShellMutant("guards in commit outlive the machine that threw", DELIVERIES,
						"hold.lose(ENGINE_FAILED);\n", "\n"),
				new ShellMutant("closers of a machine that threw are not told", DELIVERIES,
						"guarded(() -> hold.released().complete(null));", ""),
				// the manager
				new ShellMutant("close() waits for connections that hang", ENGINE,
						"awaitClose(this.time, this.storeClosed, limit)",
						"awaitClose(this.time, this.storeClosed, limit.multipliedBy(100))"),
				new ShellMutant("close() does not wait for the end of the lease", ENGINE, "limit.multipliedBy(2))",
						"limit.multipliedBy(0))"),
				new ShellMutant("callbacks for which there was no thread are forgotten", ENGINE,
						"\t\tthis.catchUp.run();", ""),
				new ShellMutant("the connections of the store are left open", ENGINE, "\t\t\tstore.close();", ""),
				new ShellMutant("the timer wakes once in a while only", ENGINE,
						"Math.min(this.shell.pass(), this.longestSleepNanos)",
						"Math.max(this.shell.pass(), this.longestSleepNanos)"),
				// listeners and callbacks
				new ShellMutant("a callback without a thread keeps its place", CALLBACKS,
						"this.atWork.decrementAndGet();\n\t\t\tthis.noThread.happened", "this.noThread.happened"),
				new ShellMutant("a callback that throws takes its thread along", CALLBACKS, "guarded(next);",
						"next.run();"),
				new ShellMutant("callbacks have any number of threads", CALLBACKS,
						"this.waiting.isEmpty() || !mayWork()", "this.waiting.isEmpty()"),
				new ShellMutant("a listener without a thread never gets one", QUEUE,
						"this.teller.set(Teller.NONE);\n\t\t\t\tthis.noThread", "this.noThread"),
				new ShellMutant("a listener that throws hears nothing more", QUEUE, "guarded(event);",
						"event.accept(this.listener);"),
				new ShellMutant("who asks after a loss is not told", HELD,
						"else if (lostReason() != null) {\n\t\t\t\tthis.manager.losses().run(callback);\n\t\t\t}", ""),
				new ShellMutant("callbacks of a loss run where it is found", HELD,
						"held.callbacks().forEach(this.manager.losses()::run);",
						"held.callbacks().forEach(Runnable::run);"),
				new ShellMutant("the listener hears of no loss", HELD,
						"this.manager.listener().onLost(this.request, fencingToken(), reason);", ""),
				new ShellMutant("what nobody receives is not given back", ATTEMPT,
						"if (!end()) {\n\t\t\theld.giveBack();\n\t\t\treturn;", "if (!end()) {\n\t\t\treturn;"),
				new ShellMutant("futures are completed where the grant is found", ATTEMPT,
						"tell(() -> complete(held));", "complete(held);"),
				new ShellMutant("the manager does not hear who has given up", ATTEMPT, "this.manager.abandon(this);",
						""));
	}

	String className() {
		return "org.crossprocesslock." + this.type;
	}

	/** The changed source. */
	String source() throws IOException {
		String source = Files.readString(SOURCES.resolve(this.type.replace('.', '/') + ".java"));
		int at = source.indexOf(this.original);
		if (at < 0 || source.indexOf(this.original, at + 1) >= 0) {
			throw new IllegalStateException("'" + this.original + "' is not there, or more than once: say anew what '"
					+ this.name + "' changes in " + this.type);
		}
		return source.replace(this.original, this.changed);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
