package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

import org.crossprocesslock.DebianPackage;

/**
 * The wall clock of a process that is started with {@link #environment()}, kept by
 * libfaketime, which reads its offset from a file whenever it is asked for the time. The
 * monotonic clock stays the machine's.
 */
final class FakeClock {

	private final Path library;

	private final Path offset;

	FakeClock(Path library, Path offset) throws IOException {
		this.library = library;
		this.offset = offset;
		step(Duration.ZERO);
	}

	/**
	 * The library, in the variant for programs with threads. Skips the test where there
	 * is none.
	 */
	static Path library() throws IOException {
		return DebianPackage.require("libfaketime", "/usr/lib", "*-linux-gnu*/faketime/libfaketimeMT.so.1");
	}

	Map<String, String> environment() {
		// with its fix for older systems, all waits with a time limit end at once
		return Map.of("LD_PRELOAD", this.library.toString(), "FAKETIME_TIMESTAMP_FILE", this.offset.toString(),
				"FAKETIME_NO_CACHE", "1", "FAKETIME_DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX", "0");
	}

	/** Sets how far it is ahead of the machine's clock; negative is behind. */
	void step(Duration ahead) throws IOException {
		Path next = this.offset.resolveSibling(this.offset.getFileName() + ".next");
		Files.writeString(next, String.format(Locale.ROOT, "%+d%n", ahead.toSeconds()));
		Files.move(next, this.offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

}
