package org.crossprocesslock.benchmarks.worker;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** The class path of this process, entry by entry. */
public final class ClassPath {

	private final Set<Path> entries;

	private ClassPath(Set<Path> entries) {
		this.entries = entries;
	}

	/** All of it. */
	public static ClassPath ofThisProcess() throws IOException {
		Set<Path> entries = new LinkedHashSet<>();
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
			Path path = Path.of(entry);
			if (path.toFile().exists()) {
				entries.add(path.toRealPath());
			}
		}
		return new ClassPath(entries);
	}

	/** The same without the entry that a class comes from. */
	public ClassPath without(Class<?> type) throws IOException {
		try {
			Path left = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toRealPath();
			Set<Path> others = new LinkedHashSet<>(this.entries);
			if (!others.remove(left)) {
				throw new IllegalStateException(type + " comes from no entry of the class path");
			}
			return new ClassPath(others);
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** As an argument of a JVM. */
	@Override
	public String toString() {
		return this.entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
	}

}
