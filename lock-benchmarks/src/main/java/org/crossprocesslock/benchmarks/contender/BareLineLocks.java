package org.crossprocesslock.benchmarks.contender;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * The calls without which there are no turns, no fencing tokens, nobody's name in the
 * file and no safety from one that is replaced, and nothing else: what they take on this
 * machine. For one thread of a process, which must not be interrupted.
 */
final class BareLineLocks implements Locks {

	private static final long KEY = 1L << 62;

	private static final long TURNSTILE = KEY + 1;

	private static final int LENGTH = 20;

	private final Path directory;

	private @Nullable Pair open;

	BareLineLocks(Path directory) {
		this.directory = directory;
	}

	@Override
	public Acquired acquire(String key) {
		try {
			Pair open = open(key);
			FileLock held = lock(open.file().getChannel());
			if (!Objects.equals(open.identity(), identity(open.path()))) {
				throw new IllegalStateException("Replaced: " + open.path());
			}
			long token = nextToken(open.tokens());
			open.file().seek(0);
			open.file().write(text(ProcessHandle.current().pid()));
			return new Held(held, token);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** As docs/file-locks.md has it. */
	private static FileLock lock(FileChannel channel) throws IOException {
		FileLock held = channel.tryLock(KEY, 1, false);
		FileLock turnstile = channel.tryLock(TURNSTILE, 1, false);
		if (held != null && turnstile == null) {
			held.release();
			held = null;
		}
		if (turnstile == null) {
			turnstile = channel.lock(TURNSTILE, 1, false);
		}
		if (held == null) {
			held = channel.lock(KEY, 1, false);
		}
		turnstile.release();
		return held;
	}

	private static long nextToken(RandomAccessFile tokens) throws IOException {
		byte[] text = new byte[LENGTH];
		tokens.seek(0);
		int length = tokens.read(text);
		long token = (length > 0) ? Long.parseLong(new String(text, 0, length, StandardCharsets.US_ASCII).trim()) + 1
				: 1;
		tokens.seek(0);
		tokens.write(text(token));
		return token;
	}

	private static byte[] text(long number) {
		return (number + "\n").getBytes(StandardCharsets.US_ASCII);
	}

	private Pair open(String key) throws IOException {
		Pair present = this.open;
		if (present == null || !present.key().equals(key)) {
			// whatever was open before stays so until the process ends
			Path path = this.directory.resolve(key + ".line");
			RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
			RandomAccessFile tokens = new RandomAccessFile(this.directory.resolve(key + ".number").toFile(), "rw");
			present = new Pair(key, path, identity(path), file, tokens);
			this.open = present;
		}
		return present;
	}

	private static @Nullable Object identity(Path path) throws IOException {
		return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
	}

	@Override
	public void close() {
		// the process ends soon
	}

	private record Pair(String key, Path path, @Nullable Object identity, RandomAccessFile file,
			RandomAccessFile tokens) {

	}

	private record Held(FileLock lock, long fencingToken) implements Acquired {

		@Override
		public void release() {
			try {
				this.lock.release();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
