package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.crossprocesslock.LockReach;
import org.crossprocesslock.file.FileSystemKind;
import org.crossprocesslock.file.Mount;
import org.crossprocesslock.file.SystemLock;

/**
 * Whom locks on files in a directory exclude, as far as the system tells. What
 * docs/file-locks.md does not support counts as nothing.
 *
 * @param reach whom
 * @param reason why, to follow a colon in a sentence
 */
record FileReach(LockReach reach, String reason) {

	static FileReach of(Path directory, LockFileProperties properties, SystemFiles system) {
		return system.mount(real(directory))
			.map((mount) -> (system.isContainer() && SystemFiles.isOwnOfContainer(mount))
					? new FileReach(LockReach.CONTAINER, directory + " is in the file system of this container")
					: on(mount, directory, properties.getPid().getSystemLock()))
			.orElseGet(() -> of(new FileSystemKind("", List.of()), directory));
	}

	private static FileReach on(Mount mount, Path directory, SystemLock lock) {
		FileSystemKind kind = mount.kind();
		if (kind.reach() == LockReach.MACHINES && lock == SystemLock.FLOCK) {
			return new FileReach(LockReach.PROCESSES, directory + " is on NFS, where flock is of this host only");
		}
		return of(kind, directory);
	}

	private static FileReach of(FileSystemKind kind, Path directory) {
		return new FileReach(kind.reach(), directory + " " + kind.inWords());
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
