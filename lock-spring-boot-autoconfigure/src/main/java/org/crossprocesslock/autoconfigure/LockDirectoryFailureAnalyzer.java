package org.crossprocesslock.autoconfigure;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

import org.crossprocesslock.file.PidLockException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says how a directory becomes fit for locks.
 */
final class LockDirectoryFailureAnalyzer extends AbstractFailureAnalyzer<PidLockException.SetupFailed> {

	private static final String PROPERTY = "cross-process-lock.file.directory";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PidLockException.SetupFailed cause) {
		return new FailureAnalysis(cause.getMessage() + ".", action(cause.getCause()), cause);
	}

	private static String action(@Nullable Throwable reason) {
		if (reason instanceof LinkageError) {
			return "Add the library net.java.dev.jna:jna to the class path, on Linux or macOS, or set "
					+ "cross-process-lock.file.pid.system-lock=fcntl for all processes that use the directory.";
		}
		if (reason instanceof NoSuchFileException) {
			return "Create the directory, or mount the volume it is on, or correct " + PROPERTY + ".";
		}
		if (reason instanceof NotDirectoryException) {
			return "Correct " + PROPERTY + ": it has to name a directory.";
		}
		if (reason instanceof AccessDeniedException) {
			return "Allow the user that runs this process to write there, or name another directory with " + PROPERTY
					+ ".";
		}
		return "Remove the cause, or name another directory with " + PROPERTY
				+ ", on a file system that has locks and free space.";
	}

}
