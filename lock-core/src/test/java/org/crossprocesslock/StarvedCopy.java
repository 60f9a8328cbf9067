package org.crossprocesslock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import net.bytebuddy.ByteBuddy;
import net.bytebuddy.implementation.MethodDelegation;
import net.bytebuddy.matcher.ElementMatchers;
import org.crossprocesslock.engine.EngineThreads;

/**
 * Loads the backends once more, as another application in the same process does. Of the
 * threads that they make, those whose names a test has given cannot be started.
 */
public final class StarvedCopy extends URLClassLoader {

	private static final Set<String> starved = ConcurrentHashMap.newKeySet();

	/** Loads a copy that has all threads. */
	public StarvedCopy() {
		super(new URL[] { EngineThreads.class.getProtectionDomain().getCodeSource().getLocation() },
				StarvedCopy.class.getClassLoader());
	}

	/**
	 * From now on there are no threads of these names.
	 * @param names what the threads are called
	 */
	public void starve(String... names) {
		starved.addAll(Set.of(names));
	}

	/** There are threads again. */
	public void feed() {
		starved.clear();
	}

	/**
	 * Makes a manager of the copy.
	 * @return locks inside the process
	 * @throws ReflectiveOperationException never
	 */
	public LockManager memory() throws ReflectiveOperationException {
		return (LockManager) loadClass("org.crossprocesslock.memory.MemoryLockManager").getConstructor().newInstance();
	}

	/**
	 * Makes a manager of the copy.
	 * @param directory where the lock files are
	 * @param listener hears of it
	 * @return locks with a file for each key
	 * @throws ReflectiveOperationException never
	 */
	public LockManager perKey(Path directory, LockListener listener) throws ReflectiveOperationException {
		return (LockManager) loadClass("org.crossprocesslock.file.PerKeyFileLockManager")
			.getMethod("open", Path.class, LockListener.class)
			.invoke(null, directory, listener);
	}

	@Override
	protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
		if (!name.matches("org\\.crossprocesslock\\.(engine|memory|file)\\..*")) {
			return super.loadClass(name, resolve);
		}
		Class<?> present = findLoadedClass(name);
		if (present != null) {
			return present;
		}
		return name.equals(EngineThreads.class.getName()) ? starvedThreads(name) : findClass(name);
	}

	private Class<?> starvedThreads(String name) {
		byte[] code = new ByteBuddy().redefine(EngineThreads.class)
			.method(ElementMatchers.named("daemon"))
			.intercept(MethodDelegation.to(Starving.class))
			.make()
			.getBytes();
		return defineClass(name, code, 0, code.length, EngineThreads.class.getProtectionDomain());
	}

	@Override
	public void close() {
		feed();
		try {
			super.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What the copy makes its threads with. */
	public static final class Starving {

		private Starving() {
		}

		/**
		 * Makes a thread that cannot be started if there is none of its name.
		 * @param name its name
		 * @param task what it does
		 * @return the thread
		 */
		public static Thread daemon(String name, Runnable task) {
			Thread thread = new Thread(null, task, name, 0, false) {

				@Override
				public synchronized void start() {
					if (starved.contains(getName())) {
						throw new OutOfMemoryError("unable to create native thread");
					}
					super.start();
				}

			};
			thread.setDaemon(true);
			return thread;
		}

	}

}
