package org.crossprocesslock.lease;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Has the model checker TLC explore the protocol's model, one configuration after the
 * other: those of the protocol as it is must hold, those with a rule left out must be
 * refuted by the invariant that they name. What is modelled is told in
 * {@code src/test/tla/README.md}.
 */
@Tag("full")
class LeaseModelTests {

	/** Runs the configurations that are marked as long, too. */
	private static final String ALL_PROPERTY = "crossprocesslock.model.all";

	private static final Path MODEL = Path.of("src", "test", "tla").toAbsolutePath();

	private static final Path OUTPUT = Path.of("target", "tla").toAbsolutePath();

	private static final Duration LIMIT = Duration.ofMinutes(5);

	private static final Duration LONG_LIMIT = Duration.ofHours(2);

	private static final Pattern REFUTED_BY = Pattern.compile("^\\\\\\* refuted by (\\w+)$", Pattern.MULTILINE);

	private static final Pattern LONG = Pattern.compile("^\\\\\\* long$", Pattern.MULTILINE);

	private static final Pattern VIOLATION = Pattern.compile("(?:Invariant|property) (\\w+) is violated");

	@ParameterizedTest(name = "{0}")
	@MethodSource("configurations")
	void endsAsItsConfigurationSays(String name) throws IOException, InterruptedException {
		List<String> expected = refutations(name);
		String output = check(name);
		List<String> violated = groups(VIOLATION, output);
		assertThat(violated).as("what is violated in %s:%n%s", name, output).isEqualTo(expected);
		if (expected.isEmpty()) {
			assertThat(output).as(name)
				.contains("Model checking completed. No error has been found.")
				.contains(", 0 states left on queue.");
		}
	}

	@Test
	void everyConfigurationIsNamedForWhatItExpectsAndListed() throws IOException {
		String readme = Files.readString(MODEL.resolve("README.md"));
		for (String name : all()) {
			assertThat(name).matches("(good|bad)-.+");
			assertThat(refutations(name)).as("'refuted by' in " + name).hasSize(name.startsWith("bad-") ? 1 : 0);
			assertThat(readme).contains("`" + name + "`");
		}
	}

	static List<String> configurations() throws IOException {
		List<String> names = new ArrayList<>();
		for (String name : all()) {
			if (Boolean.getBoolean(ALL_PROPERTY) || !isLong(name)) {
				names.add(name);
			}
		}
		return names;
	}

	private static List<String> all() throws IOException {
		List<String> names = new ArrayList<>();
		try (DirectoryStream<Path> files = Files.newDirectoryStream(MODEL, "*.cfg")) {
			files.forEach((file) -> names.add(file.getFileName().toString().replace(".cfg", "")));
		}
		return names.stream().sorted().toList();
	}

	private static boolean isLong(String name) throws IOException {
		return LONG.matcher(configuration(name)).find();
	}

	private static List<String> refutations(String name) throws IOException {
		return groups(REFUTED_BY, configuration(name));
	}

	private static String configuration(String name) throws IOException {
		return Files.readString(MODEL.resolve(name + ".cfg"));
	}

	private static List<String> groups(Pattern pattern, String text) {
		Matcher matcher = pattern.matcher(text);
		return matcher.results().map((MatchResult result) -> result.group(1)).toList();
	}

	/** Runs TLC in a process of its own, because it keeps its state in static fields. */
	private static String check(String name) throws IOException, InterruptedException {
		Path directory = Files.createDirectories(OUTPUT.resolve(name));
		Path output = OUTPUT.resolve(name + ".txt");
		boolean isLong = isLong(name);
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		if (!isLong) {
			// for a short life: compile quickly
			command.add("-XX:TieredStopAtLevel=1");
		}
		// TLC unpacks its standard modules into the directory for temporary files
		command.addAll(List.of("-XX:+UseSerialGC", isLong ? "-Xmx2g" : "-Xmx512m", "-Djava.io.tmpdir=" + directory,
				"-cp", System.getProperty("java.class.path"), "tlc2.TLC", "-nowarning", "-workers", "1", "-deadlock",
				"-metadir", directory.toString(), "-config", name + ".cfg", "Lease.tla"));
		Process process = new ProcessBuilder(command).directory(MODEL.toFile())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		try {
			Duration limit = isLong ? LONG_LIMIT : LIMIT;
			assertThat(process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)).as("TLC ended within " + limit).isTrue();
			return Files.readString(output);
		}
		finally {
			process.destroyForcibly();
		}
	}

}
