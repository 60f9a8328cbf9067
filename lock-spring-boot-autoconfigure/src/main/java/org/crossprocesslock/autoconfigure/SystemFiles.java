package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What Linux tells about this machine in files. Elsewhere there are none, and nothing is
 * said.
 *
 * @param root where the files are
 */
record SystemFiles(Path root) {

	static final SystemFiles OF_THIS_MACHINE = new SystemFiles(Path.of("/"));

	private static final List<String> MARKS = List.of(".dockerenv", "run/.containerenv");

	private static final List<String> CGROUPS = List.of("proc/self/cgroup", "proc/1/cgroup");

	private static final Pattern CONTAINER_CGROUP = Pattern
		.compile("/docker[/-]|/kubepods|/libpod[_-]|/crio-|/lxc/|/cri-containerd");

	private static final Pattern LAYERS = Pattern.compile("overlay|aufs|fuse\\.fuse-overlayfs");

	/** Whether this process is in a container, with files of its own. */
	boolean isContainer() {
		return MARKS.stream().anyMatch((mark) -> Files.exists(this.root.resolve(mark)))
				|| mount(Path.of("/")).filter(Mount::isLayered).isPresent()
				|| CGROUPS.stream().flatMap(this::lines).anyMatch(CONTAINER_CGROUP.asPredicate());
	}

	/** What a path is on: of several mounts that cover it the innermost, and latest. */
	Optional<Mount> mount(Path path) {
		return lines("proc/self/mountinfo").flatMap(Mount::parse)
			.filter((mount) -> path.startsWith(mount.point()))
			.reduce((one, other) -> (other.point().getNameCount() >= one.point().getNameCount()) ? other : one);
	}

	private Stream<String> lines(String file) {
		try {
			return Files.readAllLines(this.root.resolve(file)).stream();
		}
		catch (IOException ex) {
			// another operating system, or one that tells less
			return Stream.empty();
		}
	}

	/**
	 * A line of mountinfo.
	 *
	 * @param origin what is mounted: a path in its file system
	 * @param point where
	 * @param type of the file system
	 * @param options of the mount and of the file system
	 */
	record Mount(String origin, Path point, String type, List<String> options) {

		private static final Pattern ANONYMOUS_VOLUME = Pattern.compile(".*/volumes/[0-9a-f]{64}/_data");

		private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

		static Stream<Mount> parse(String line) {
			String[] halves = line.split(" - ", 2);
			if (halves.length < 2) {
				return Stream.empty();
			}
			String[] mount = halves[0].split(" ", -1);
			String[] fileSystem = halves[1].split(" ", -1);
			if (mount.length < 6 || fileSystem.length < 3) {
				return Stream.empty();
			}
			return Stream.of(new Mount(unescaped(mount[3]), Path.of(unescaped(mount[4])), fileSystem[0],
					Stream.of(mount[5], fileSystem[2]).flatMap((options) -> Stream.of(options.split(","))).toList()));
		}

		private static String unescaped(String text) {
			return ESCAPED.matcher(text)
				.replaceAll((escape) -> Matcher
					.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 8))));
		}

		boolean isLayered() {
			return LAYERS.matcher(this.type).matches();
		}

		/** Whether, in a container, nobody outside of it sees the same files. */
		boolean isOwnOfContainer() {
			return this.point.getNameCount() == 0 || isLayered()
					|| (this.type.equals("tmpfs") && this.origin.equals("/"))
					|| this.origin.contains("/kubernetes.io~empty-dir/")
					|| ANONYMOUS_VOLUME.matcher(this.origin).matches();
		}

	}

}
