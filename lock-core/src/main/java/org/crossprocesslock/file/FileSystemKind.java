package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.crossprocesslock.Internal;
import org.crossprocesslock.LockReach;

/**
 * What kind of file system a directory is on, and what locks on its files are worth.
 * Immutable.
 *
 * @param type as Linux calls it, empty if not known, which counts as local
 * @param options of the mount and of the file system
 * @since 0.1.0
 */
@Internal
public record FileSystemKind(String type, List<String> options) {

	private static final FileSystemKind UNKNOWN = new FileSystemKind("", List.of());

	private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

	private static final Pattern NFS = Pattern.compile("nfs4?");

	private static final Pattern NOT_LOCAL = Pattern
		.compile("nfs4?|cifs|smb.*|fuse.*|9p|virtiofs|fakeowner|ceph|glusterfs|lustre|gfs2|ocfs2|afs|gpfs|vboxsf|"
				+ "prl_fs|vmhgfs");

	private static final List<String> WITHOUT_LOCKS = List.of("nolock", "local_lock=all", "local_lock=posix");

	/**
	 * Takes what mountinfo tells.
	 * @param type as Linux calls it, empty if not known
	 * @param options of the mount and of the file system, in any order
	 */
	public FileSystemKind {
		options = List.copyOf(options);
	}

	/** Of a directory whose links have been followed. */
	static FileSystemKind of(Path directory) {
		if (!Files.exists(MOUNTS)) {
			return UNKNOWN;
		}
		try {
			// a name in another encoding is no reason to know nothing of all others
			String lines = new String(Files.readAllBytes(MOUNTS), StandardCharsets.UTF_8);
			return Mount.of(directory, lines.lines()).map(Mount::kind).orElse(UNKNOWN);
		}
		catch (IOException ex) {
			// not told
			return UNKNOWN;
		}
	}

	/**
	 * Whether the kernel of this machine alone decides about locks, so that asking takes
	 * microseconds and waiters are woken at once.
	 */
	boolean isLocal() {
		return !NOT_LOCAL.matcher(this.type).matches();
	}

	private boolean isNfs() {
		return NFS.matcher(this.type).matches();
	}

	private boolean isWithoutLocks() {
		return isNfs() && this.options.stream().anyMatch(WITHOUT_LOCKS::contains);
	}

	/**
	 * Whom POSIX locks on its files exclude. Where they are not supported that is nobody
	 * for sure: the threads of this process alone.
	 * @return whom
	 */
	public LockReach reach() {
		if (isNfs()) {
			return isWithoutLocks() ? LockReach.PROCESSES : LockReach.MACHINES;
		}
		return isLocal() ? LockReach.PROCESSES : LockReach.THREADS;
	}

	/**
	 * What it is.
	 * @return words that follow the name of a directory
	 */
	public String inWords() {
		if (isNfs()) {
			return isWithoutLocks() ? "is on NFS that is mounted without its locks (nolock or local_lock)"
					: "is on NFS";
		}
		return isLocal() ? "is a directory of this host"
				: "is on a file system whose locks are not supported (" + this.type + ")";
	}

	/** What is not excluded there, to follow the name of the directory. */
	Optional<String> warning() {
		if (isWithoutLocks()) {
			return Optional.of(inWords() + ": processes on other machines are not excluded, nor those of this machine "
					+ "that use another mount. Mount it with locks");
		}
		return (reach() == LockReach.THREADS) ? Optional.of(inWords()
				+ ": its locks may exclude nothing, above all where the same files are reached in another way. "
				+ "Use a directory on a local disk, or keep the locks in a database") : Optional.empty();
	}

}
