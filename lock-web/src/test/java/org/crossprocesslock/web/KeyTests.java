package org.crossprocesslock.web;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The key rule is that of the server's locks. */
@InBrowser
class KeyTests {

	/** The file that the tests of the server's locks read, too. */
	private static final Path VECTORS = Path.of("../lock-core/src/test/resources/org/crossprocesslock/keys.tsv");

	/** What becomes of each key: taken, or the message of the error. */
	private static final String OUTCOMES = """
			const outcomes = [];
			for (const key of args[0]) {
				outcomes.push(await locks.tryLock(key).then((guard) => {
					guard.close();
					return (guard.key === key) ? "taken" : "taken as another";
				}, (error) => `${error.name}: ${error.message}`));
			}
			return outcomes;
			""";

	/** The remedy that the server's message ends with and that a page does not have. */
	private static final String REMEDY = ". LockKeys.of makes one of any text";

	private final Browser browser;

	KeyTests(Browser browser) {
		this.browser = browser;
	}

	@Test
	void theKeysOfTheSharedFileAreTakenOrRefused() throws IOException {
		List<String[]> vectors = Files.readAllLines(VECTORS)
			.stream()
			.filter((line) -> !line.startsWith("#"))
			.map((line) -> Stream.of(line.split("\t")).map(KeyTests::unquoted).toArray(String[]::new))
			.toList();
		assertThat(vectors).hasSizeGreaterThan(40);
		List<String> expected = vectors.stream()
			.map((vector) -> vector[0].equals("good") ? "taken" : "TypeError: Key '" + vector[2] + "' ("
					+ vector[1].length() + " characters) is not allowed: "
					+ "a key has 1 to 200 characters of A-Z, a-z, 0-9, '-', '_' and '.', and begins and ends with "
					+ "a letter or digit")
			.toList();
		assertThat(this.browser.open().run(OUTCOMES, vectors.stream().map((vector) -> vector[1]).toList()))
			.isEqualTo(expected);
	}

	@Test
	void anyTextIsTakenOrRefusedAsOnTheServer() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<String> texts = IntStream.range(0, 500).mapToObj((i) -> text(random)).toList();
		List<String> expected = texts.stream().map(KeyTests::onTheServer).toList();
		assertThat(expected).contains("taken").anyMatch((outcome) -> outcome.startsWith("TypeError"));
		assertThat(this.browser.open().run(OUTCOMES, texts)).as("seed " + seed).isEqualTo(expected);
	}

	private static String onTheServer(String key) {
		try {
			LockRequest.of(key, Duration.ZERO);
			return "taken";
		}
		catch (IllegalArgumentException ex) {
			assertThat(ex).hasMessageEndingWith(REMEDY);
			return "TypeError: " + String.valueOf(ex.getMessage()).replace(REMEDY, "");
		}
	}

	/**
	 * Mostly of allowed characters, of lengths around the limits, some with one odd
	 * character.
	 */
	private static String text(Random random) {
		String allowed = "abcxyzABCXYZ0123456789-_.";
		int[] lengths = { 0, 1, 2, 3, 59, 60, 61, 199, 200, 201, random.nextInt(300) };
		StringBuilder text = new StringBuilder();
		random.ints(lengths[random.nextInt(lengths.length)], 0, allowed.length())
			.forEach((index) -> text.append(allowed.charAt(index)));
		if (!text.isEmpty() && random.nextInt(3) == 0) {
			// no halves of a pair, which a driver cannot hand over
			text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(0x3000));
		}
		return text.toString();
	}

	private static String unquoted(String column) {
		// property files have the same escapes
		Properties properties = new Properties();
		try {
			properties.load(new StringReader("column=" + column));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return properties.getProperty("column").replaceFirst("(?s)^\"(.*)\"$", "$1");
	}

}
