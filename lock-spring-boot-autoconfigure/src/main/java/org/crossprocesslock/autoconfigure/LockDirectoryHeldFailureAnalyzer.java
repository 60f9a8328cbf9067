package org.crossprocesslock.autoconfigure;

import java.util.OptionalLong;

import org.crossprocesslock.file.PidLockException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which process has the directory.
 */
final class LockDirectoryHeldFailureAnalyzer extends AbstractFailureAnalyzer<PidLockException.AlreadyHeld> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PidLockException.AlreadyHeld cause) {
		return new FailureAnalysis(
				"The lock directory " + cause.getDirectory() + " is in use by " + holder(cause.getPid())
						+ ", and only one process at a time can use it.",
				"Stop that process; or, if this one works on other data, name another directory with "
						+ "cross-process-lock.file.directory; or, to let several processes work side by side, set "
						+ "cross-process-lock.file.kind=per-key for all of them. In a test use @AutoConfigureCrossProcessLock "
						+ "(lock-spring-boot-test) or cross-process-lock.backend=memory.",
				cause);
	}

	private static String holder(OptionalLong pid) {
		if (pid.isEmpty()) {
			return "another process, whose id is not known";
		}
		String process = "process " + pid.getAsLong();
		return (pid.getAsLong() == ProcessHandle.current().pid())
				? process + " (this process has the same id: another part of it, or a process in another container)"
				: process;
	}

}
