package org.crossprocesslock.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory for lock files, and what is wrong with it. */
final class LockDirectory {

	private static final Logger logger = LoggerFactory.getLogger(LockDirectory.class);

	private LockDirectory() {
	}

	/**
	 * Follows all links once, so that a link that changes later changes nothing.
	 * @throws IOException if the path does not lead to a directory that can be written.
	 * It is not made if it is missing: where a volume was not mounted, or a name was
	 * misspelled, each process would otherwise get a directory of its own
	 */
	static Path checked(Path directory) throws IOException {
		Path real = directory.toRealPath();
		if (!Files.isDirectory(real)) {
			throw new NotDirectoryException(real.toString());
		}
		if (!Files.isWritable(real)) {
			throw new AccessDeniedException(real.toString(), null, "not writable");
		}
		return real;
	}

	/**
	 * Opens a file to read and to write it, and makes it if it is missing.
	 * @throws AccessDeniedException if this process may not write it
	 */
	static RandomAccessFile open(Path file) throws IOException {
		try {
			return new RandomAccessFile(file.toFile(), "rw");
		}
		catch (FileNotFoundException ex) {
			if (Files.exists(file) && !Files.isWritable(file)) {
				AccessDeniedException denied = new AccessDeniedException(file.toString(), null,
						"made by another user, or with too narrow rights; all users of the directory need to read and "
								+ "write its files");
				denied.initCause(ex);
				throw denied;
			}
			throw ex;
		}
	}

	/** Warns where the file system excludes fewer than one would think. */
	static FileSystemKind tellOf(Path directory) {
		FileSystemKind kind = FileSystemKind.of(directory);
		kind.warning().ifPresent((warning) -> logger.warn("The directory of the locks, {}, {}", directory, warning));
		return kind;
	}

	static PidLockException.SetupFailed setupFailed(Path directory, Throwable cause) {
		return new PidLockException.SetupFailed(directory.toAbsolutePath(), reason(cause), cause);
	}

	/** Whether trying again does not help until somebody repairs something. */
	static boolean isPermanent(IOException ex) {
		return ex instanceof NoSuchFileException || ex instanceof NotDirectoryException
				|| ex instanceof AccessDeniedException || ex instanceof TokenFile.UsedUpException;
	}

	static String reason(Throwable cause) {
		if (cause instanceof NoSuchFileException) {
			return "it does not exist; create it, or correct the path";
		}
		if (cause instanceof NotDirectoryException) {
			return "it is not a directory; correct the path";
		}
		if (cause instanceof AccessDeniedException) {
			return "this process may not write there (" + cause.getMessage() + "); allow it, or use another directory";
		}
		if (cause instanceof LinkageError) {
			return "kind FLOCK needs the library net.java.dev.jna:jna and Linux or macOS (" + cause
					+ "); add the library to the class path, or use kind FCNTL";
		}
		return String.valueOf(cause.getMessage());
	}

}
