package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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

	/** So that a list that cannot be read is told once. */
	private static final AtomicBoolean unreadable = new AtomicBoolean();

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

		String inode() {
			return this.file.substring(this.file.lastIndexOf(':') + 1);
		}

		static Optional<Line> parse(String line) {
			String[] parts = line.trim().split("\\s+", -1);
			// a waiting request has an arrow in front and so a part more
			return (parts.length == 8)
					? Optional.of(new Line(parts[1], parts[3], parts[4], parts[5], parts[6], parts[7]))
					: Optional.empty();
		}

	}

	/** The whole list, as it was at one moment. */
	static final class Listing {

		private final Map<String, List<Line>> byInode;

		private Listing(Map<String, List<Line>> byInode) {
			this.byInode = byInode;
		}

		/**
		 * Finds the line of a lock. What it says at first is what it must go on saying:
		 * the pid of another namespace and the device of an overlay differ from what this
		 * process sees elsewhere.
		 */
		Optional<Line> lineOf(Shape shape, FileIdentity file) {
			List<Line> sameInode = ofInode(file).stream().filter(shape::fits).toList();
			List<Line> sameFile = sameInode.stream()
				.filter((line) -> line.file().equals(file.inKernelNotation()))
				.toList();
			List<Line> candidates = sameFile.isEmpty() ? sameInode : sameFile;
			return (candidates.size() == 1) ? Optional.of(candidates.get(0)) : Optional.empty();
		}

		private List<Line> ofInode(FileIdentity file) {
			return this.byInode.getOrDefault(String.valueOf(file.inode()), List.of());
		}

	}

	/**
	 * How the list shows a lock of this process.
	 *
	 * @param shape how such locks appear
	 * @param file the file, of which only the inode is compared
	 * @param pid as whose it is shown
	 */
	record Shown(Shape shape, FileIdentity file, String pid) {

		boolean isIn(Listing locks) {
			return locks.ofInode(this.file)
				.stream()
				.anyMatch((line) -> this.shape.fits(line) && line.pid().equals(this.pid));
		}

	}

	/** The whole list, empty where it cannot be read. */
	static Optional<Listing> read() {
		if (!Files.exists(FILE)) {
			return Optional.empty();
		}
		try {
			Listing read = new Listing(Files.readAllLines(FILE)
				.stream()
				.map(Line::parse)
				.flatMap(Optional::stream)
				.collect(Collectors.groupingBy(Line::inode)));
			unreadable.set(false);
			return Optional.of(read);
		}
		catch (IOException ex) {
			if (unreadable.compareAndSet(false, true)) {
				logger.warn("The kernel's list of locks cannot be read; until it can, a lock that other code of this "
						+ "process ends is not detected. Raise the limit of open files if it is reached", ex);
			}
			return Optional.empty();
		}
	}

	/**
	 * Whether the list, read anew, does not show the lock.
	 * @param shown how it would be shown
	 */
	static boolean misses(Shown shown) {
		for (int i = 0; i < READS_BEFORE_A_LINE_IS_MISSED; i++) {
			Optional<Listing> read = read();
			if (read.isEmpty() || shown.isIn(read.get())) {
				return false;
			}
		}
		return true;
	}

}
