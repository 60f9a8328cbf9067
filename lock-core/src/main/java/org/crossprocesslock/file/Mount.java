package org.crossprocesslock.file;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.crossprocesslock.Internal;

/**
 * A mounted file system, as a line of Linux's {@code /proc/self/mountinfo} tells of it.
 * Immutable.
 *
 * @param origin what is mounted: a path in its file system
 * @param point where it is mounted
 * @param kind what kind of file system it is
 * @since 0.1.0
 */
@Internal
public record Mount(String origin, Path point, FileSystemKind kind) {

	private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

	/**
	 * What a path is on.
	 * @param path an absolute path whose links have been followed
	 * @param mountinfo the lines of mountinfo; others are passed over, and so are mounts
	 * whose name is no path in the locale of this process
	 * @return of several mounts that cover the path the innermost, and latest; empty if
	 * there is none
	 */
	public static Optional<Mount> of(Path path, Stream<String> mountinfo) {
		return mountinfo.flatMap(Mount::parse)
			.filter((mount) -> path.startsWith(mount.point()))
			.reduce((one, other) -> (other.point().getNameCount() >= one.point().getNameCount()) ? other : one);
	}

	private static Stream<Mount> parse(String line) {
		String[] halves = line.split(" - ", 2);
		if (halves.length < 2) {
			return Stream.empty();
		}
		String[] mount = halves[0].split(" ", -1);
		String[] fileSystem = halves[1].split(" ", -1);
		if (mount.length < 6 || fileSystem.length < 3) {
			return Stream.empty();
		}
		Stream<String> options = Stream.of(mount[5], fileSystem[2]).flatMap((some) -> Stream.of(some.split(",", -1)));
		return path(unescaped(mount[4]))
			.map((point) -> new Mount(unescaped(mount[3]), point, new FileSystemKind(fileSystem[0], options.toList())))
			.stream();
	}

	/** Empty for one that cannot be said in the locale of this process. */
	private static Optional<Path> path(String text) {
		try {
			return Optional.of(Path.of(text));
		}
		catch (InvalidPathException ex) {
			// nothing that this process can name is on it
			return Optional.empty();
		}
	}

	private static String unescaped(String text) {
		return ESCAPED.matcher(text)
			.replaceAll(
					(escape) -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 8))));
	}

}
