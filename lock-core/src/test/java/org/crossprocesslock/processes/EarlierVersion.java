package org.crossprocesslock.processes;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * An earlier version of lock-core, compiled from its sources. Its processes are those of
 * its own tests, so that they fit its API, on the libraries of the present version.
 */
final class EarlierVersion {

	/** The system property that names the directory of the earlier lock-core. */
	static final String DIRECTORY = "crossprocesslock.earlier";

	private static final String CLASS_PATH = compile();

	private EarlierVersion() {
	}

	/** The class path of its processes, on which nothing of the present version is. */
	static String classPath() {
		return CLASS_PATH;
	}

	private static String compile() {
		Path sources = Path.of(
				Optional.ofNullable(System.getProperty(DIRECTORY))
					.orElseThrow(() -> new IllegalStateException("Run .ci/mixed-versions, which sets " + DIRECTORY)),
				"src");
		String libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
			.filter((entry) -> Files.isRegularFile(Path.of(entry)))
			.collect(Collectors.joining(File.pathSeparator));
		Path main = sources.resolve("main/java");
		Path test = sources.resolve("test/java");
		try {
			Path classes = Files.createTempDirectory(sources, "classes");
			List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-cp", libraries, "-sourcepath",
					main + File.pathSeparator + test, "-proc:none", "-nowarn", "-parameters", "-encoding", "UTF-8"));
			for (Class<?> process : List.of(LockingProcess.class, LedgerProcess.class)) {
				arguments.add(test.resolve(process.getName().replace('.', '/') + ".java").toString());
			}
			try (Stream<Path> all = Files.walk(main)) {
				all.filter((file) -> file.toString().endsWith(".java")).map(Path::toString).forEach(arguments::add);
			}
			ByteArrayOutputStream messages = new ByteArrayOutputStream();
			JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
			if (compiler.run(null, messages, messages, arguments.toArray(String[]::new)) != 0) {
				throw new IllegalStateException(
						"The earlier version does not compile: " + messages.toString(StandardCharsets.UTF_8));
			}
			return String.join(File.pathSeparator, classes.toString(), sources.resolve("main/resources").toString(),
					sources.resolve("test/resources").toString(), libraries);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
