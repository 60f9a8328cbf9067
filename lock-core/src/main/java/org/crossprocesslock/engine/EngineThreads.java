package org.crossprocesslock.engine;

import java.lang.ref.Cleaner;
import java.util.concurrent.ThreadFactory;

import org.jspecify.annotations.Nullable;

/**
 * Makes the threads of this library, all of them. They are daemons and inherit nothing
 * from the thread that happens to make one: no inheritable thread local (the tenant or
 * the security context of a request), no priority, no context class loader but the
 * library's own. What runs on them runs for the whole process, not for that caller.
 *
 * @since 0.1.0
 */
public final class EngineThreads {

	private static final String NAMES = "cross-process-lock-";

	/** Absent until there was a thread for it. */
	private static volatile @Nullable Cleaner cleaner;

	private EngineThreads() {
	}

	/**
	 * Makes a thread and does not start it.
	 * @param name the name to be seen in a thread dump, which says whose it is
	 * @param task what it does
	 * @return the thread
	 */
	@SuppressWarnings("ThreadPriorityCheck") // nothing is relied on, the maker's is
												// undone
	public static Thread daemon(String name, Runnable task) {
		Thread thread = new Thread(null, task, name, 0, false);
		thread.setDaemon(true);
		thread.setPriority(Thread.NORM_PRIORITY);
		thread.setContextClassLoader(EngineThreads.class.getClassLoader());
		return thread;
	}

	/**
	 * Makes threads for an executor.
	 * @param name the name of each of them
	 * @return makes them as {@link #daemon} does
	 */
	public static ThreadFactory named(String name) {
		return (task) -> daemon(name, task);
	}

	/** Whether this is a thread of this library, in whatever class loader. */
	static boolean isCurrent() {
		return Thread.currentThread().getName().startsWith(NAMES);
	}

	/**
	 * Acts on what the garbage collector finds. Its thread lasts, so it is one of the
	 * JDK's: any other keeps the class loader of whoever makes it from being collected.
	 * Throws what the machine throws if it has no thread to give.
	 */
	static Cleaner cleaner() {
		Cleaner present = cleaner;
		if (present == null) {
			// of two made at once each serves those who have got it
			present = Cleaner.create();
			cleaner = present;
		}
		return present;
	}

}
