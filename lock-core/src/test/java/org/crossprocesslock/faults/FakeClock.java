package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * The wall clock of a process that is started with {@link #environment()}, kept by
 * libfaketime, which reads its offset from a file every now and then. The monotonic clock
 * stays the machine's.
 */
final class FakeClock {

	/** System property: the library, if it is not where Debian puts it. */
	static final String LIBRARY = "crossprocesslock.battery.faketime";

	/** When a step is noticed; reading the file each time makes a process crawl. */
	static final Duration NOTICED = Duration.ofSeconds(1);

	private final Path library;

	private final Path offset;

	FakeClock(Path library, Path offset) throws IOException {
		this.library = library;
		this.offset = offset;
		step(Duration.ZERO);
	}

	/** The library, if there is one. */
	static Optional<Path> library() throws IOException {
		@Nullable String configured = System.getProperty(LIBRARY);
		if (configured != null) {
			return Optional.of(Path.of(configured));
		}
		// the variant for programs with threads, in the directory of the architecture
		try (DirectoryStream<Path> architectures = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-gnu*")) {
			for (Path architecture : architectures) {
				Path library = architecture.resolve("faketime/libfaketimeMT.so.1");
				if (Files.exists(library)) {
					return Optional.of(library);
				}
			}
		}
		return Optional.empty();
	}

	Map<String, String> environment() {
		return Map.of("LD_PRELOAD", this.library.toString(), "FAKETIME_TIMESTAMP_FILE", this.offset.toString(),
				"FAKETIME_CACHE_DURATION", Long.toString(NOTICED.toSeconds()), "FAKETIME_DONT_FAKE_MONOTONIC", "1");
	}

	/** Sets how far it is ahead of the machine's clock; negative is behind. */
	void step(Duration ahead) throws IOException {
		Path next = this.offset.resolveSibling(this.offset.getFileName() + ".next");
		Files.writeString(next, String.format("%+d%n", ahead.toSeconds()));
		Files.move(next, this.offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

}
