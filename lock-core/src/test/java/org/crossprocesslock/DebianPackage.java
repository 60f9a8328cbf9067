package org.crossprocesslock;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Assumptions;

/**
 * A file that a Debian package brings and a test cannot do without. The test is skipped
 * where it is not installed, unless the environment has {@code SERVER_TESTS=required}.
 */
public final class DebianPackage {

	private DebianPackage() {
	}

	/**
	 * Finds the file.
	 * @param packages the names of the packages
	 * @param root the directory to look below
	 * @param glob the path of the file from there
	 * @return the file, the last one if there are several
	 * @throws IOException if the directory cannot be read
	 */
	public static Path require(String packages, String root, String glob) throws IOException {
		Optional<Path> found = find(Path.of(root), glob);
		if (found.isEmpty()) {
			String none = "Not installed (Debian: " + packages + "): " + root + "/" + glob;
			if ("required".equals(System.getenv("SERVER_TESTS"))) {
				throw new IllegalStateException(none + ", but SERVER_TESTS=required");
			}
			Assumptions.abort(none);
		}
		return found.orElseThrow();
	}

	private static Optional<Path> find(Path directory, String glob) throws IOException {
		int end = glob.indexOf('/');
		if (!Files.isDirectory(directory)) {
			return Optional.empty();
		}
		List<Path> found = new ArrayList<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory,
				(end < 0) ? glob : glob.substring(0, end))) {
			entries.forEach(found::add);
		}
		if (end >= 0) {
			List<Path> deeper = new ArrayList<>();
			for (Path each : found) {
				find(each, glob.substring(end + 1)).ifPresent(deeper::add);
			}
			found = deeper;
		}
		return found.stream().max(Path::compareTo);
	}

	/**
	 * The command for a server that refuses to run as root: as root, in a namespace in
	 * which it is nobody.
	 * @param command the command
	 * @return the command to start a process with
	 */
	public static List<String> unprivileged(List<String> command) {
		List<String> whole = new ArrayList<>();
		if (System.getProperty("user.name").equals("root")) {
			whole.addAll(List.of("unshare", "-U"));
		}
		whole.addAll(command);
		return whole;
	}

}
