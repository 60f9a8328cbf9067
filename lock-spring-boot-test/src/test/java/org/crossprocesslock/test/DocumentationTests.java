package org.crossprocesslock.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the code of docs/testing.md and docs/recipes.md is code of tests that are
 * run.
 */
class DocumentationTests {

	private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

	@ParameterizedTest
	@CsvSource({ "testing, shop", "recipes, recipes" })
	void everyLineOfCodeIsCompiledAndRun(String page, String sourcesOfPage) throws IOException {
		String tests;
		try (Stream<Path> sources = Files.list(Path.of("src/test/java/org/crossprocesslock/test", sourcesOfPage))) {
			tests = sources.map(DocumentationTests::withoutSpace).collect(Collectors.joining());
		}
		List<String> blocks = CODE.matcher(Files.readString(Path.of("../docs", page + ".md")))
			.results()
			.map((MatchResult block) -> withoutSpace(block.group(1)))
			.toList();
		assertThat(blocks).hasSizeGreaterThan(1).allSatisfy((block) -> assertThat(tests).contains(block));
	}

	private static String withoutSpace(Path source) {
		try {
			return withoutSpace(Files.readString(source));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String withoutSpace(String code) {
		return code.replaceAll("\\s+", "");
	}

}
