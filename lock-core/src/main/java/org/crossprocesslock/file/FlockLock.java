package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The lock of {@code flock(2)}. The only class that knows JNA, which is optional: loading
 * this class fails without it.
 */
final class FlockLock implements OsLock {

	private static final ProcLocks.Shape SHAPE = new ProcLocks.Shape("FLOCK", "0", "EOF");

	private static final int READ_WRITE = 2;

	// a child process that inherited the descriptor would go on holding the lock
	private static final int CLOSE_ON_EXEC = Platform.isMac() ? 0x1000000 : 0x80000;

	private static final int EXCLUSIVE_WITHOUT_WAITING = 2 | 4;

	private static final int WOULD_BLOCK = Platform.isMac() ? 35 : 11;

	private static final LibC libC = Native.load("c", LibC.class);

	private final int descriptor;

	private final Path path;

	private FlockLock(int descriptor, Path path) {
		this.descriptor = descriptor;
		this.path = path;
	}

	static Look<OsLock> tryLock(Path path, FileIdentity identity) throws IOException {
		int descriptor = open(path);
		boolean keep = false;
		try {
			libC.flock(descriptor, EXCLUSIVE_WITHOUT_WAITING);
			keep = true;
			return new Look.Taken<>(new FlockLock(descriptor, path));
		}
		catch (LastErrorException ex) {
			if (ex.getErrorCode() != WOULD_BLOCK) {
				throw new IOException("flock(2) failed on " + path, ex);
			}
			try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
				return new Look.Busy<>(PidText.read(channel));
			}
		}
		finally {
			if (!keep) {
				libC.close(descriptor);
			}
		}
	}

	@Override
	public void writePid(long pid) throws IOException {
		try (FileChannel channel = FileChannel.open(this.path, StandardOpenOption.WRITE)) {
			PidText.write(channel, pid);
		}
	}

	@Override
	public void close() throws IOException {
		try {
			libC.close(this.descriptor);
		}
		catch (LastErrorException ex) {
			throw new IOException("close(2) failed on " + this.path, ex);
		}
	}

	@Override
	public ProcLocks.Shape shape() {
		return SHAPE;
	}

	private static int open(Path path) throws IOException {
		Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
		try {
			return libC.open((path + "\0").getBytes(charset), READ_WRITE | CLOSE_ON_EXEC);
		}
		catch (LastErrorException ex) {
			throw new IOException("open(2) failed on " + path, ex);
		}
	}

	/** The three calls that are needed. */
	interface LibC extends Library {

		int open(byte[] path, int flags) throws LastErrorException;

		int flock(int descriptor, int operation) throws LastErrorException;

		int close(int descriptor) throws LastErrorException;

	}

}
