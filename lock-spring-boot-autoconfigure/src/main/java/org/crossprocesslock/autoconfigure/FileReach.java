package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import org.crossprocesslock.LockReach;

/**
 * Whom locks on files in a directory exclude, as far as the system tells. What
 * docs/file-locks.md does not support counts as nothing.
 *
 * @param reach whom
 * @param reason why, to follow a colon in a sentence
 */
record FileReach(LockReach reach, String reason) {

	private static final Pattern NFS = Pattern.compile("nfs4?");

	/** Mounts on which the client alone knows of locks. */
	private static final List<String> WITHOUT_LOCKS = List.of("nolock", "local_lock=all", "local_lock=posix");

	private static final Pattern UNSUPPORTED = Pattern.compile(
			"cifs|smb.*|fuse\\..*|9p|virtiofs|fakeowner|ceph|glusterfs|lustre|gfs2|ocfs2|afs|vboxsf|prl_fs|vmhgfs");

	static FileReach of(Path directory, LockProperties.File properties, SystemFiles system) {
		return system.mount(real(directory))
			.map((mount) -> (system.isContainer() && mount.isOwnOfContainer())
					? new FileReach(LockReach.CONTAINER, directory + " is in the file system of this container")
					: on(mount, directory, properties.getPidLock()))
			.orElseGet(() -> onThisHost(directory));
	}

	private static FileReach on(SystemFiles.Mount mount, Path directory, LockProperties.PidLock lock) {
		if (NFS.matcher(mount.type()).matches()) {
			if (lock == LockProperties.PidLock.FLOCK) {
				return new FileReach(LockReach.PROCESSES, directory + " is on NFS, where flock is of this host only");
			}
			return mount.options().stream().anyMatch(WITHOUT_LOCKS::contains)
					? new FileReach(LockReach.PROCESSES, directory + " is on NFS that is mounted without its locks")
					: new FileReach(LockReach.MACHINES, directory + " is on NFS");
		}
		return UNSUPPORTED.matcher(mount.type()).matches()
				? new FileReach(LockReach.THREADS,
						directory + " is on a file system whose locks are not supported (" + mount.type() + ")")
				: onThisHost(directory);
	}

	private static FileReach onThisHost(Path directory) {
		return new FileReach(LockReach.PROCESSES, directory + " is a directory of this host");
	}

	private static Path real(Path directory) {
		try {
			return directory.toRealPath();
		}
		catch (IOException ex) {
			// cannot be used, which is said when that is tried
			return directory.toAbsolutePath();
		}
	}

}
