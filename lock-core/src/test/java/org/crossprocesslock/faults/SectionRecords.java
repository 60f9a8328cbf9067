package org.crossprocesslock.faults;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads the records of all processes while they grow. Not safe from several threads. */
final class SectionRecords {

	private final Path directory;

	private final Map<Path, Long> offsets = new HashMap<>();

	private final Map<String, Section> sections = new LinkedHashMap<>();

	SectionRecords(Path directory) {
		this.directory = directory;
	}

	/** Where the process of that name writes. */
	Path file(String process) {
		return this.directory.resolve(process + ".sections");
	}

	/** All sections so far, each as long as it was last seen. */
	Collection<Section> read() {
		try (Stream<Path> files = Files.list(this.directory)) {
			for (Path file : files.filter((each) -> each.toString().endsWith(".sections")).toList()) {
				read(file);
			}
			return this.sections.values();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void read(Path path) throws IOException {
		long offset = this.offsets.getOrDefault(path, 0L);
		try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
			byte[] bytes = new byte[(int) (file.length() - offset)];
			file.seek(offset);
			file.readFully(bytes);
			String text = new String(bytes, StandardCharsets.UTF_8);
			// the rest is still being written, or its writer was killed over it
			String complete = text.substring(0, text.lastIndexOf('\n') + 1);
			complete.lines().map(Section::ofLine).forEach(this::add);
			this.offsets.put(path, offset + complete.length());
		}
	}

	private void add(Section section) {
		this.sections.put(String.join(" ", List.of(section.process(), section.key(), Long.toString(section.token()),
				Long.toString(section.begin()))), section);
	}

}
