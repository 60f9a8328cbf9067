package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that links of the documentation lead somewhere, and to every page.
 */
class LinkTests {

	private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)|(?:src|href)=\"([^\"]+)\"");

	@ParameterizedTest
	@MethodSource("pages")
	void everyLinkLeadsSomewhere(Page page) throws IOException {
		for (String link : links(page)) {
			Path target = target(page, link);
			assertThat(target).as("%s of %s", link, page).exists();
			int anchor = link.indexOf('#');
			if (anchor >= 0) {
				Page linked = new Page(target, Files.readString(target));
				assertThat(linked.anchors()).as("%s of %s", link, page).contains(link.substring(anchor + 1));
			}
		}
	}

	@Test
	void everyFileOfTheDocumentationIsLinked() throws IOException {
		Set<Path> linked = new HashSet<>();
		for (Page page : Page.all()) {
			links(page).forEach((link) -> linked.add(target(page, link).normalize()));
		}
		try (Stream<Path> files = Files.walk(Path.of("../docs"))) {
			assertThat(linked).containsAll(files.filter(Files::isRegularFile).map(Path::normalize).toList());
		}
	}

	private static List<String> links(Page page) {
		Matcher links = LINK.matcher(page.withoutBlocks());
		return links.results()
			.map((link) -> (link.group(1) != null) ? link.group(1) : link.group(2))
			.filter((link) -> !link.startsWith("https://"))
			.toList();
	}

	private static Path target(Page page, String link) {
		int anchor = link.indexOf('#');
		String file = (anchor < 0) ? link : link.substring(0, anchor);
		return file.isEmpty() ? page.file() : page.file().resolveSibling(file);
	}

	static List<Page> pages() throws IOException {
		return Page.all();
	}

}
