package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that Java code of the documentation is code of tests that are run.
 */
class CodeTests {

	@ParameterizedTest
	@CsvSource({ "docs/testing.md, shop", "docs/recipes.md, recipes" })
	void everyLineOfCodeIsCompiledAndRun(String page, String sourcesOfPage) throws IOException {
		String tests;
		try (Stream<Path> sources = Files.list(Path.of("src/test/java/org/crossprocesslock/test", sourcesOfPage))) {
			tests = sources.map((source) -> withoutSpace(Page.read(source))).collect(Collectors.joining());
		}
		List<String> blocks = Page.of(page).blocks("java").stream().map(CodeTests::withoutSpace).toList();
		assertThat(blocks).hasSizeGreaterThan(1).allSatisfy((block) -> assertThat(tests).contains(block));
	}

	private static String withoutSpace(String code) {
		return code.replaceAll("\\s+", "");
	}

}
