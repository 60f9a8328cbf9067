package org.crossprocesslock.test.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation.
 *
 * @param file where it is
 * @param text what it says
 */
record Page(Path file, String text) {

	private static final Path ROOT = Path.of("..");

	private static final List<String> IN_THE_ROOT = List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md",
			"lock-web/README.md", "lock-core/src/test/tla/README.md");

	private static final Pattern BLOCK = Pattern.compile("^ *```(\\w*)\n(.*?)^ *```$",
			Pattern.DOTALL | Pattern.MULTILINE);

	private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

	static List<Page> all() throws IOException {
		try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
			return Stream
				.concat(IN_THE_ROOT.stream().map(ROOT::resolve),
						docs.filter((file) -> file.toString().endsWith(".md")).sorted())
				.map(Page::at)
				.toList();
		}
	}

	/** The page at a path from the root of the project. */
	static Page of(String path) {
		return at(ROOT.resolve(path));
	}

	private static Page at(Path file) {
		return new Page(file, read(file));
	}

	static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new IllegalStateException(file + " cannot be read", ex);
		}
	}

	/** Its blocks of code in a language. */
	List<String> blocks(String language) {
		return BLOCK.matcher(this.text)
			.results()
			.filter((block) -> block.group(1).equals(language))
			.map((block) -> block.group(2))
			.toList();
	}

	String withoutBlocks() {
		return BLOCK.matcher(this.text).replaceAll("");
	}

	/** What a link to one of its headings names, made as GitHub does. */
	List<String> anchors() {
		return HEADING.matcher(withoutBlocks())
			.results()
			.map((heading) -> heading.group(1)
				.replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
				.strip()
				.replace(' ', '-'))
			.toList();
	}

	@Override
	public String toString() {
		return ROOT.relativize(this.file).toString();
	}

}
