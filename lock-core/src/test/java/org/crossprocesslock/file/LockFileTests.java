package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LockFileTests {

	@Test
	void aFileIsFreeForThisProcessWhateverItsCloseThrows(@TempDir Path directory) throws IOException {
		Path path = Files.createFile(directory.resolve("k.lock"));
		FileIdentity identity = FileIdentity.of(path);
		assertThat(FilesInUse.claim(identity)).isTrue();
		OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");
		KeyFile file = new KeyFile("k", path, identity, (unlocked) -> {
			throw noThread;
		});
		LockFile locked = new LockFile(path, identity, file);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(locked::close).isSameAs(noThread);
		file.shut();
		assertThat(FilesInUse.claim(identity)).isTrue();
		FilesInUse.release(identity);
	}

}
