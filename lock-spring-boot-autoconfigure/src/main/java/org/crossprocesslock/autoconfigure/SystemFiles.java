package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.crossprocesslock.file.Mount;

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

	private static final Pattern ANONYMOUS_VOLUME = Pattern.compile(".*/volumes/[0-9a-f]{64}/_data");

	private static final Pattern LAYERS = Pattern.compile("overlay|aufs|fuse\\.fuse-overlayfs");

	/** Whether this process is in a container, with files of its own. */
	boolean isContainer() {
		return MARKS.stream().anyMatch((mark) -> Files.exists(this.root.resolve(mark)))
				|| mount(Path.of("/")).filter(SystemFiles::isLayered).isPresent()
				|| CGROUPS.stream().flatMap(this::lines).anyMatch(CONTAINER_CGROUP.asPredicate());
	}

	/** What a path is on. */
	Optional<Mount> mount(Path path) {
		return Mount.of(path, lines("proc/self/mountinfo"));
	}

	/** Whether, in a container, nobody outside of it sees the same files. */
	static boolean isOwnOfContainer(Mount mount) {
		return mount.point().getNameCount() == 0 || isLayered(mount)
				|| (mount.kind().type().equals("tmpfs") && mount.origin().equals("/"))
				|| mount.origin().contains("/kubernetes.io~empty-dir/")
				|| ANONYMOUS_VOLUME.matcher(mount.origin()).matches();
	}

	private static boolean isLayered(Mount mount) {
		return LAYERS.matcher(mount.kind().type()).matches();
	}

	private Stream<String> lines(String file) {
		try {
			// a path in them may have any bytes
			return new String(Files.readAllBytes(this.root.resolve(file)), StandardCharsets.UTF_8).lines();
		}
		catch (IOException ex) {
			// another operating system, or one that tells less
			return Stream.empty();
		}
	}

}
