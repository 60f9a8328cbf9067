package org.crossprocesslock.benchmarks.worker;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/** The class path of this process, entry by entry. */
public final class ClassPath {

	private final Set<Path> entries;

	private ClassPath(Set<Path> entries) {
		this.entries = entries;
	}

	/** All of it, with what the manifests of its jars add. */
	public static ClassPath ofThisProcess() throws IOException {
		Set<Path> entries = new LinkedHashSet<>();
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
			Path path = Path.of(entry).toRealPath();
			entries.add(path);
			if (path.toFile().isFile()) {
				entries.addAll(namedByManifest(path));
			}
		}
		return new ClassPath(entries);
	}

	private static List<Path> namedByManifest(Path jar) throws IOException {
		List<Path> named = new ArrayList<>();
		try (JarFile file = new JarFile(jar.toFile())) {
			Manifest manifest = file.getManifest();
			String classPath = (manifest != null) ? manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH)
					: null;
			if (classPath != null) {
				for (String entry : classPath.split(" ", -1)) {
					Path path = Path.of(jar.toUri().resolve(URI.create(entry)));
					if (path.toFile().exists()) {
						named.add(path.toRealPath());
					}
				}
			}
		}
		return named;
	}

	/** The same without the entry that a class comes from. */
	public ClassPath without(Class<?> type) throws IOException {
		try {
			Path left = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toRealPath();
			Set<Path> others = new LinkedHashSet<>(this.entries);
			if (!others.remove(left)) {
				throw new IllegalStateException(type + " does not come from the class path");
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
