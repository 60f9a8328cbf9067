package org.crossprocesslock.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The file of one key, open and claimed in this process. Whatever this process locks of
 * the file it locks through this one channel, since closing any channel of a file ends
 * all locks of the process on it: closing this one gives up what it is meant to give up
 * and nothing else.
 * <p>
 * Two bytes are locked. Who has the first holds the key; every version of this library
 * and every other program goes by that. The second is a turnstile: who waits locks it,
 * waits for the first and then unlocks it, so at most one process is next in line and all
 * others wait behind it. Who takes the key without waiting looks whether the turnstile is
 * free. So nobody who has just released takes the key again while another process waits.
 * <p>
 * Reads and writes on the threads of callers, who may be interrupted at any time: hence
 * no read and write of the channel, which an interrupt would close, while the key is
 * held. Locking without waiting and unlocking is never interrupted.
 */
final class KeyFile implements OsLock, Waitable {

	/** The byte whose lock is the key. */
	static final long KEY = ChannelLock.LOCKED_BYTE;

	/** The byte that is locked by who is next in line. */
	static final long TURNSTILE = KEY + 1;

	private final String key;

	private final Path path;

	private final FileIdentity identity;

	private final RandomAccessFile file;

	private final FileChannel channel;

	private final Consumer<KeyFile> whenUnlocked;

	private boolean reused;

	private boolean lockedByOtherCode;

	private @Nullable TokenFile tokens;

	private @Nullable FileLock held;

	private @Nullable FileLock turnstile;

	/** Opens a file that was claimed before. */
	KeyFile(String key, Path path, FileIdentity identity, Consumer<KeyFile> whenUnlocked) throws IOException {
		this.key = key;
		this.path = path;
		this.identity = identity;
		this.file = LockDirectory.open(path);
		this.channel = this.file.getChannel();
		this.whenUnlocked = whenUnlocked;
	}

	/**
	 * Attempts once to take the key, which is busy too if code of this process that is
	 * not of this library has locked the file.
	 * @param pastTheLine whether also if another process is next in line
	 * @return what became of it
	 */
	Attempt tryTake(boolean pastTheLine) throws IOException {
		FileLock taken = tryLock(KEY);
		if (taken == null) {
			return Attempt.BUSY;
		}
		if (!pastTheLine && !turnstileIsFree()) {
			taken.release();
			return Attempt.OTHERS_FIRST;
		}
		this.held = taken;
		return Attempt.TAKEN;
	}

	private boolean turnstileIsFree() throws IOException {
		FileLock free = tryLock(TURNSTILE);
		if (free != null) {
			free.release();
		}
		return free != null;
	}

	private @Nullable FileLock tryLock(long which) throws IOException {
		try {
			return this.channel.tryLock(which, 1, false);
		}
		catch (OverlappingFileLockException ex) {
			this.lockedByOtherCode = true;
			return null;
		}
	}

	@Override
	public void await(Runnable whenNext) throws IOException {
		if (this.turnstile == null) {
			this.turnstile = this.channel.lock(TURNSTILE, 1, false);
		}
		whenNext.run();
		this.held = this.channel.lock(KEY, 1, false);
		leaveLine();
	}

	@Override
	public boolean tryTakeInLine(boolean pastTheLine) throws IOException {
		if (this.turnstile == null) {
			this.turnstile = tryLock(TURNSTILE);
		}
		if (this.turnstile != null || pastTheLine) {
			this.held = tryLock(KEY);
		}
		if (this.held == null) {
			return false;
		}
		leaveLine();
		return true;
	}

	private void leaveLine() throws IOException {
		FileLock left = this.turnstile;
		this.turnstile = null;
		if (left != null) {
			left.release();
		}
	}

	@Override
	public boolean isPassedBy() throws IOException {
		try {
			FileLock free = this.channel.tryLock(KEY, 1, false);
			if (free != null) {
				free.release();
			}
			return free != null;
		}
		catch (OverlappingFileLockException ex) {
			// this has become next in line
			return false;
		}
	}

	@Override
	public boolean isAtItsPath() throws IOException {
		return this.identity.leadsHere(this.path);
	}

	/** Who has written that it holds the key. Not to be called while it is held here. */
	OptionalLong holderPid() throws IOException {
		if (this.lockedByOtherCode) {
			return OptionalLong.of(ProcessHandle.current().pid());
		}
		try {
			return PidText.read(this.channel);
		}
		catch (ClosedByInterruptException ex) {
			// the caller's flag stays set, and nothing was locked
			return OptionalLong.empty();
		}
	}

	/**
	 * Writes the next token of the key, which is held. The file of tokens stays open
	 * while the key is used again and again, but not while it is held for the first time:
	 * keys that are held then need one open file each.
	 */
	TokenFile.Step nextToken() throws IOException {
		TokenFile present = this.tokens;
		if (present == null) {
			present = new TokenFile(this.path.resolveSibling(this.key + ".token"));
		}
		TokenFile.Step step = present.next(this.reused);
		this.tokens = present;
		return step;
	}

	@Override
	public void writePid(long pid) throws IOException {
		byte[] text = (pid + "\n").getBytes(StandardCharsets.US_ASCII);
		this.file.seek(0);
		this.file.write(text);
		if (this.file.length() > text.length) {
			this.file.setLength(text.length);
		}
	}

	/** Whether it was opened for an earlier attempt. */
	boolean isReused() {
		return this.reused;
	}

	/** Gives the key up. */
	@Override
	public void close() throws IOException {
		FileLock released = this.held;
		this.held = null;
		this.reused = true;
		try {
			if (released != null) {
				released.release();
			}
		}
		finally {
			this.whenUnlocked.accept(this);
		}
	}

	/** Closes the file, also while another thread waits here. */
	void shut() throws IOException {
		this.channel.close();
		this.file.close();
		if (this.tokens != null) {
			this.tokens.close();
		}
	}

	@Override
	public boolean isOpen() {
		return this.channel.isOpen();
	}

	/**
	 * Whether no code of this Java virtual machine has locked anything else of the file,
	 * which closing it would end. Nobody else goes by what is locked for the question.
	 */
	boolean mayBeShut() throws IOException {
		try {
			FileLock probe = this.channel.tryLock(0, KEY, true);
			if (probe != null) {
				probe.release();
			}
			return true;
		}
		catch (OverlappingFileLockException ex) {
			return false;
		}
	}

	/** Whether that was so at an attempt. */
	boolean isLockedByOtherCode() {
		return this.lockedByOtherCode;
	}

	@Override
	public ProcLocks.Shape shape() {
		return ChannelLock.SHAPE;
	}

	String key() {
		return this.key;
	}

	Path path() {
		return this.path;
	}

	FileIdentity identity() {
		return this.identity;
	}

	/** What became of an attempt to take the key. */
	enum Attempt {

		/** It is this process's. */
		TAKEN,

		/** Another process has it. */
		BUSY,

		/** Nobody has it, and another process is next in line. */
		OTHERS_FIRST

	}

}
