package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lock of {@link FileChannel#tryLock}: a POSIX record lock, on Windows
 * {@code LockFileEx}.
 */
final class ChannelLock implements OsLock {

	/**
	 * The one byte that is locked. So far behind the end that the pid stays readable on
	 * Windows, where nobody may read a byte that somebody else has locked.
	 */
	static final long LOCKED_BYTE = 1L << 62;

	static final ProcLocks.Shape SHAPE = new ProcLocks.Shape("POSIX", String.valueOf(LOCKED_BYTE),
			String.valueOf(LOCKED_BYTE));

	/**
	 * Channels of files that other code of this process has locked. Closing one would end
	 * that lock.
	 */
	private static final Map<FileIdentity, FileChannel> parked = new ConcurrentHashMap<>();

	private final FileChannel channel;

	private ChannelLock(FileChannel channel) {
		this.channel = channel;
	}

	static Look<OsLock> tryLock(Path path, FileIdentity identity) throws IOException {
		FileChannel before = parked.remove(identity);
		FileChannel channel = (before != null) ? before
				: FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
		boolean keep = false;
		try {
			if (channel.tryLock(LOCKED_BYTE, 1, false) != null) {
				keep = true;
				return new Look.Taken<>(new ChannelLock(channel));
			}
			return new Look.Busy<>(PidText.read(channel));
		}
		catch (OverlappingFileLockException ex) {
			keep = true;
			parked.put(identity, channel);
			return new Look.Busy<>(OptionalLong.of(ProcessHandle.current().pid()));
		}
		finally {
			if (!keep) {
				channel.close();
			}
		}
	}

	@Override
	public void writePid(long pid) throws IOException {
		PidText.write(this.channel, pid);
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

	@Override
	public ProcLocks.Shape shape() {
		return SHAPE;
	}

}
