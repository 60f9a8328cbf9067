package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's own list of locks, on Linux. The only place that shows that a POSIX lock
 * was lost because other code of this process has closed the file.
 */
final class ProcLocks {

	private static final Logger logger = LoggerFactory.getLogger(ProcLocks.class);

	private static final Path FILE = Path.of("/proc/locks");

	// the kernel hands the list out in pieces, and a lock that ends between two pieces
	// can
	// hide another one
	private static final int READS_BEFORE_A_LINE_IS_MISSED = 4;

	private ProcLocks() {
	}

	/**
	 * How a lock appears in the list.
	 *
	 * @param type the kind of lock
	 * @param start the first byte
	 * @param end the last byte
	 */
	record Shape(String type, String start, String end) {

		boolean fits(Line line) {
			return line.type().equals(this.type) && line.mode().equals("WRITE") && line.start().equals(this.start)
					&& line.end().equals(this.end);
		}

	}

	/**
	 * One lock of the list.
	 *
	 * @param type the kind of lock
	 * @param mode read or write
	 * @param pid whose it is
	 * @param file device and inode
	 * @param start the first byte
	 * @param end the last byte
	 */
	record Line(String type, String mode, String pid, String file, String start, String end) {

		static Optional<Line> parse(String line) {
			String[] parts = line.trim().split("\\s+", -1);
			// a waiting request has an arrow in front and so a part more
			return (parts.length == 8)
					? Optional.of(new Line(parts[1], parts[3], parts[4], parts[5], parts[6], parts[7]))
					: Optional.empty();
		}

	}

	/**
	 * Finds the line of a lock that was taken a moment ago. What it says is what it must
	 * go on saying: the pid of another namespace and the device of an overlay differ from
	 * what this process sees elsewhere.
	 * @return empty where the list is missing or does not show the lock
	 */
	static Optional<Line> lineOf(Shape shape, FileIdentity file) {
		List<Line> sameInode = new ArrayList<>();
		for (Line line : read().orElse(Set.of())) {
			if (shape.fits(line) && line.file().endsWith(":" + file.inode())) {
				sameInode.add(line);
			}
		}
		List<Line> sameFile = sameInode.stream().filter((line) -> line.file().equals(file.inKernelNotation())).toList();
		List<Line> candidates = sameFile.isEmpty() ? sameInode : sameFile;
		return (candidates.size() == 1) ? Optional.of(candidates.get(0)) : Optional.empty();
	}

	/** The whole list, empty where it cannot be read. */
	static Optional<Set<Line>> read() {
		if (!Files.exists(FILE)) {
			return Optional.empty();
		}
		try {
			return Optional.of(Files.readAllLines(FILE)
				.stream()
				.map(Line::parse)
				.flatMap(Optional::stream)
				.collect(Collectors.toSet()));
		}
		catch (IOException ex) {
			logger.warn("The kernel's list of locks could not be read; this check is left out for now", ex);
			return Optional.empty();
		}
	}

	/** Whether the list, read anew, shows the lock no more. */
	static boolean misses(Line line) {
		for (int i = 0; i < READS_BEFORE_A_LINE_IS_MISSED; i++) {
			Optional<Set<Line>> lines = read();
			if (lines.isEmpty() || lines.get().contains(line)) {
				return false;
			}
		}
		return true;
	}

}
