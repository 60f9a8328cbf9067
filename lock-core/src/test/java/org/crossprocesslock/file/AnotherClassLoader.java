package org.crossprocesslock.file;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;

/**
 * Loads the file locks a second time, as a second application in the same process does.
 * All that the two copies have in common is the process and its files.
 */
final class AnotherClassLoader extends URLClassLoader {

	private static final LockListener SILENT = new LockListener() {
	};

	private final String hidden;

	private AnotherClassLoader(String hidden) {
		super(new URL[] { PidLock.class.getProtectionDomain().getCodeSource().getLocation() },
				AnotherClassLoader.class.getClassLoader());
		this.hidden = hidden;
	}

	static LockManager openPerKey(Path directory) {
		return open("", "PerKeyFileLockManager", "open", directory, SILENT);
	}

	static LockManager openPid(Path directory) {
		return open("", "PidFileLockManager", "platformDefault", directory, SILENT);
	}

	/** Opens an flock without JNA. */
	static LockManager openFlockWithout(String hidden, Path directory) throws ReflectiveOperationException {
		Class<?> kind = Class.forName(SystemLock.class.getName(), true, new AnotherClassLoader(hidden));
		return open(hidden, "PidFileLockManager", "open", directory, kind.getField("FLOCK").get(null), SILENT);
	}

	private static LockManager open(String hidden, String type, String method, Object... arguments) {
		try {
			ClassLoader loader = (arguments[1] instanceof LockListener) ? new AnotherClassLoader(hidden)
					: arguments[1].getClass().getClassLoader();
			Class<?> manager = Class.forName("org.crossprocesslock.file." + type, true, loader);
			var opening = Arrays.stream(manager.getMethods())
				.filter((candidate) -> candidate.getName().equals(method))
				.findFirst()
				.orElseThrow();
			return (LockManager) opening.invoke(null, arguments);
		}
		catch (InvocationTargetException ex) {
			if (ex.getCause() instanceof RuntimeException cause) {
				throw cause;
			}
			throw new AssertionError(ex);
		}
		catch (ReflectiveOperationException ex) {
			throw new LinkageError(ex.getMessage(), ex);
		}
	}

	@Override
	protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
		if (!this.hidden.isEmpty() && name.startsWith(this.hidden)) {
			throw new ClassNotFoundException(name);
		}
		if (name.startsWith("org.crossprocesslock.file.")) {
			Class<?> present = findLoadedClass(name);
			return (present != null) ? present : findClass(name);
		}
		return super.loadClass(name, resolve);
	}

}
