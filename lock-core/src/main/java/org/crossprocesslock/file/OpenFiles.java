package org.crossprocesslock.file;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many files this process may have open, of which each held key is one. */
final class OpenFiles {

	private static final Logger logger = LoggerFactory.getLogger(OpenFiles.class);

	private static final AtomicBoolean told = new AtomicBoolean();

	private static final Path LIMITS = Path.of("/proc/self/limits");

	private static final String LINE = "Max open files";

	private static final Path ALWAYS_THERE = Path.of("/dev/null");

	// read while a file could still be opened
	private static final OptionalLong KNOWN = read();

	private OpenFiles() {
	}

	/** The limit, where the system tells it. */
	static OptionalLong limit() {
		return KNOWN;
	}

	/** Says once how many keys can be held. */
	static void tellLimit() {
		if (KNOWN.isPresent() && told.compareAndSet(false, true)) {
			logger.info("Each key that is held takes an open file, of which this process may have {}",
					KNOWN.getAsLong());
		}
	}

	private static OptionalLong read() {
		if (!Files.exists(LIMITS)) {
			return OptionalLong.empty();
		}
		try {
			return Files.readAllLines(LIMITS)
				.stream()
				.filter((line) -> line.startsWith(LINE))
				.map((line) -> line.substring(LINE.length()).trim().split("\\s+", -1)[0])
				.filter((limit) -> limit.matches("[0-9]{1,18}"))
				.mapToLong(Long::parseLong)
				.findFirst();
		}
		catch (IOException ex) {
			// not told
			return OptionalLong.empty();
		}
	}

	/** What has failed, and what to do if no further file can be opened. */
	static String explain(IOException failure) {
		return isUsedUp()
				? failure + "; this process has as many files open as it may"
						+ (KNOWN.isPresent() ? " (" + KNOWN.getAsLong() + ")" : "")
						+ ". Each key that is held takes one: hold fewer at a time, or raise the limit (ulimit -n)"
				: failure.toString();
	}

	// the text of the failure is in the language of the machine
	private static boolean isUsedUp() {
		try (InputStream any = new FileInputStream(ALWAYS_THERE.toFile())) {
			return any.read() >= 0;
		}
		catch (IOException ex) {
			return Files.exists(ALWAYS_THERE);
		}
	}

}
