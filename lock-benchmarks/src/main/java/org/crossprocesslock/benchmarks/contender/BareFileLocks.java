package org.crossprocesslock.benchmarks.contender;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Opens a file, locks it and closes it. For one thread of a process: a second one would
 * be refused by the platform.
 */
final class BareFileLocks implements Locks {

	private final Path directory;

	BareFileLocks(Path directory) {
		this.directory = directory;
	}

	@Override
	public Acquired acquire(String key) {
		try {
			FileChannel channel = FileChannel.open(this.directory.resolve(key + ".bare"), StandardOpenOption.CREATE,
					StandardOpenOption.WRITE);
			channel.lock();
			return Acquired.withoutToken(() -> close(channel));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void close(FileChannel channel) {
		try {
			channel.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		// nothing stays open
	}

}
