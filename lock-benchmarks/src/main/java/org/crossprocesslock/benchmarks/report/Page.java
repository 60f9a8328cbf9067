package org.crossprocesslock.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page with a place for results. */
public final class Page {

	private static final String BEGIN = "<!-- results -->";

	private static final String END = "<!-- end of results -->";

	private final Path file;

	private Page(Path file) {
		this.file = file;
	}

	/** The page in a file. */
	public static Page at(Path file) {
		return new Page(file);
	}

	/** Replaces the results on the page and the chart beside it. */
	public void show(RunReport report) throws IOException {
		String text = Files.readString(this.file);
		int begin = text.indexOf(BEGIN) + BEGIN.length();
		int end = text.indexOf(END);
		if (begin < BEGIN.length() || end < begin) {
			throw new IllegalArgumentException(this.file + " has no '" + BEGIN + "' and '" + END + "' behind it");
		}
		String picture = this.file.getFileName().toString().replaceFirst("\\.md$", "") + ".svg";
		Files.writeString(this.file.resolveSibling(picture), Chart.of(report));
		Files.writeString(this.file, text.substring(0, begin) + "\n\n![One lock, a hand-over and a hot key](" + picture
				+ ")\n\n" + Markdown.of(report) + text.substring(end));
	}

}
