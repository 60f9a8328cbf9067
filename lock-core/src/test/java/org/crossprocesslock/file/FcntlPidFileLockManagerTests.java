package org.crossprocesslock.file;

import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

@Tag("full")
class FcntlPidFileLockManagerTests extends PidFileLockManagerContract {

	FcntlPidFileLockManagerTests(@TempDir Path directory) {
		super(directory, SystemLock.FCNTL);
	}

}
