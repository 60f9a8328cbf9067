package org.crossprocesslock.file;

import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;

class FcntlPidFileLockManagerTests extends PidFileLockManagerContract {

	FcntlPidFileLockManagerTests(@TempDir Path directory) {
		super(directory, SystemLock.FCNTL);
	}

}
