package org.crossprocesslock;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

import org.junit.jupiter.params.provider.Arguments;

import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Keys and what becomes of them, from the file that the tests of other languages read
 * too.
 */
final class KeyVectors {

	private KeyVectors() {
	}

	/** Keys that must be taken. */
	static Stream<String> good() {
		return lines("good").map((columns) -> columns[1]);
	}

	/** Keys that must be refused, each with the way an error message shows it. */
	static Stream<Arguments> bad() {
		return lines("bad").map((columns) -> arguments(columns[1], columns[2]));
	}

	private static Stream<String[]> lines(String kind) {
		try (InputStream file = Objects.requireNonNull(KeyVectors.class.getResourceAsStream("keys.tsv"))) {
			return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines()
				.filter((line) -> line.startsWith(kind + "\t"))
				.map((line) -> Stream.of(line.split("\t")).map(KeyVectors::unquoted).toArray(String[]::new));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
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
