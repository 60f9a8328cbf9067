package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the messages of docs/troubleshooting.md are messages of the code.
 */
class MessageTests {

	private static final Pattern FIRST_CELL = Pattern.compile("^\\| ([^|]*`[^|]*) \\|", Pattern.MULTILINE);

	/** Names of types and properties have no space. */
	private static final Pattern MESSAGE = Pattern.compile("`([^`]* [^`]*)`");

	private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");

	@Test
	void everyMessageIsInTheCode() throws IOException {
		String page = Page.of("docs/troubleshooting.md").text();
		List<String> messages = FIRST_CELL.matcher(page.substring(0, page.indexOf("there is no message")))
			.results()
			.flatMap((cell) -> MESSAGE.matcher(cell.group(1)).results())
			.map((message) -> message.group(1))
			.toList();
		assertThat(messages).hasSizeGreaterThan(40);
		String code = literals();
		for (String message : messages) {
			assertThat(message.split("…", -1)).as(message).allSatisfy((part) -> assertThat(code).contains(part));
		}
	}

	private static String literals() throws IOException {
		try (Stream<Path> modules = Files.list(Path.of(".."))) {
			return modules.map((module) -> module.resolve("src/main/java"))
				.filter(Files::isDirectory)
				.flatMap(MessageTests::sources)
				// a text over several lines, and with a constant of the class in it
				.map((source) -> Page.read(source).replaceAll("\"\\s*\\+\\s*\"", ""))
				.flatMap((source) -> LITERAL.matcher(source).results())
				.map((literal) -> literal.group(1))
				.collect(Collectors.joining("\n"));
		}
	}

	private static Stream<Path> sources(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			return files.filter((file) -> file.toString().endsWith(".java")).toList().stream();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
