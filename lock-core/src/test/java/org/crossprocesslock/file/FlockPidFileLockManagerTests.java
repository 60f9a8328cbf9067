package org.crossprocesslock.file;

import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;

class FlockPidFileLockManagerTests extends PidFileLockManagerContract {

	FlockPidFileLockManagerTests(@TempDir Path directory) {
		super(directory, SystemLock.FLOCK);
	}

}
