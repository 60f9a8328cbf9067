package org.crossprocesslock.engine;

import java.util.concurrent.ThreadFactory;

/**
 * Makes the threads of this library, all of them. They are daemons and inherit nothing
 * from the thread that happens to make one: no inheritable thread local (the tenant or
 * the security context of a request), no priority, no context class loader but the
 * library's own. What runs on them runs for the whole process, not for that caller.
 *
 * @since 0.1.0
 */
public final class EngineThreads {

	private EngineThreads() {
	}

	/**
	 * Makes a thread and does not start it.
	 * @param name the name to be seen in a thread dump
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

}
