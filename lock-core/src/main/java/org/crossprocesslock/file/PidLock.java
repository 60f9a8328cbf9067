package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/** The lock of this process on a whole directory, and what all its managers share. */
final class PidLock implements LockFileWatch.Watched {

	static final String LOCK_FILE = "LOCK";

	// no key's file can have this name, since those have an extension
	static final String TOKEN_FILE = "TOKEN";

	/** Held while files are opened and closed, and so for as long as that takes. */
	static final ReentrantLock opening = new ReentrantLock();

	private static final Map<FileIdentity, PidLock> shared = new HashMap<>();

	/** What was known of a directory when it was last given up, by directory. */
	private static final Map<FileIdentity, Memory> memories = new HashMap<>();

	private record Memory(long token, DirtyKeys dirty) {

	}

	/** Those that are lost and have not given up their files. */
	private static final Set<PidLock> lostLocks = ConcurrentHashMap.newKeySet();

	private final Path directory;

	private final FileIdentity directoryIdentity;

	private final SystemLock systemLock;

	private final LockFile file;

	private final TokenReserve tokens;

	private final SharedKeys<PidTenure> keys;

	private final AtomicBoolean extending = new AtomicBoolean();

	private int managers = 1;

	private volatile @Nullable Condition loss;

	private PidLock(Path directory, SystemLock systemLock, LockFile file, TokenReserve tokens) throws IOException {
		this.directory = directory;
		this.directoryIdentity = FileIdentity.of(directory);
		this.systemLock = systemLock;
		this.file = file;
		this.tokens = tokens;
		Memory memory = memories.get(this.directoryIdentity);
		DirtyKeys dirty = (memory != null) ? memory.dirty() : new DirtyKeys();
		// every process that opens the directory writes a token before it grants a key
		if (memory != null && memory.token() != tokens.found()) {
			dirty.markAll();
		}
		this.keys = new SharedKeys<>(() -> new PidTenure(this), dirty, FileThreads.of(this.directoryIdentity),
				TimeSource.SYSTEM);
	}

	/**
	 * Takes the lock.
	 * @param mayShare whether to share it with managers of this process that want so too
	 */
	static PidLock open(Path directory, SystemLock systemLock, boolean mayShare) {
		try {
			return FileThreads.open(() -> {
				opening.lock();
				try {
					return openAlone(directory, systemLock, mayShare);
				}
				finally {
					opening.unlock();
				}
			});
		}
		catch (HeldException ex) {
			throw new PidLockException.AlreadyHeld(ex.directory, ex.busy.pid());
		}
		catch (IOException | LinkageError ex) {
			throw LockDirectory.setupFailed(directory, ex);
		}
	}

	private static PidLock openAlone(Path directory, SystemLock systemLock, boolean mayShare) throws IOException {
		Path real = LockDirectory.checked(directory);
		Path path = real.resolve(LOCK_FILE);
		giveUpLost();
		Optional<PidLock> present = mayShare ? sharedOn(path) : Optional.empty();
		if (present.isPresent()) {
			if (present.get().systemLock != systemLock) {
				throw new IOException(
						"this process already uses it with " + present.get().systemLock + ", not " + systemLock);
			}
			present.get().managers++;
			return present.get();
		}
		Look<LockFile> look = LockFile.tryLock(path,
				(systemLock == SystemLock.FLOCK) ? FlockLock::tryLock : ChannelLock::tryLock);
		if (look instanceof Look.Busy<LockFile> busy) {
			throw new HeldException(real, busy);
		}
		LockFile file = ((Look.Taken<LockFile>) look).lock();
		boolean keep = false;
		try {
			LockDirectory.tellOf(real);
			PidLock lock = new PidLock(real, systemLock, file,
					TokenReserve.open(new TokenFile(real.resolve(TOKEN_FILE))));
			LockFileWatch.add(file, lock);
			keep = true;
			if (mayShare) {
				shared.put(file.identity(), lock);
			}
			return lock;
		}
		finally {
			if (!keep) {
				file.close();
			}
		}
	}

	private static Optional<PidLock> sharedOn(Path path) throws IOException {
		return path.toFile().exists()
				? Optional.ofNullable(shared.get(FileIdentity.of(path))).filter((lock) -> lock.lostReason() == null)
				: Optional.empty();
	}

	Path directory() {
		return this.directory;
	}

	SystemLock systemLock() {
		return this.systemLock;
	}

	SharedKeys<PidTenure> keys() {
		return this.keys;
	}

	TokenReserve tokens() {
		return this.tokens;
	}

	@Nullable String lostReason() {
		Condition lost = this.loss;
		return (lost != null) ? lost.reason() : null;
	}

	@Nullable Condition loss() {
		return this.loss;
	}

	/** One manager needs it no more; the last one gives the directory up. */
	void leave() {
		opening.lock();
		try {
			this.managers--;
			if (this.managers == 0 && LockFileWatch.remove(this.file)) {
				shared.remove(this.file.identity(), this);
				try {
					remember(this.tokens.close());
				}
				finally {
					this.file.close();
				}
			}
		}
		finally {
			opening.unlock();
		}
	}

	@Override
	public void checked() {
		// not on this thread, which a write that hangs would keep from the next check
		if (this.tokens.isShort() && this.extending.compareAndSet(false, true)) {
			var unused = this.keys.threads().submit(() -> {
				this.tokens.extend();
				return true;
			}).whenComplete((extended, failure) -> this.extending.set(false));
		}
	}

	@Override
	public void lost(String reason) {
		this.loss = Condition.now(Status.LOST, reason);
		// before anybody hears of it: who then opens the directory again gives it up
		// first
		lostLocks.add(this);
		this.keys.lose((tenure) -> true, reason);
		this.keys.tellLeaseLost(reason);
		if (opening.tryLock()) {
			endOpening();
			return;
		}
		// who has it may wait for a file system that does not answer, and this thread
		// looks after all other locks as well
		var unused = this.keys.threads().inAnyCase(() -> {
			opening.lock();
			endOpening();
			return true;
		});
	}

	private static void endOpening() {
		try {
			giveUpLost();
		}
		finally {
			opening.unlock();
		}
	}

	/** To be called while nobody else opens or closes. */
	private static void giveUpLost() {
		List.copyOf(lostLocks).forEach((each) -> {
			if (lostLocks.remove(each)) {
				each.giveUp();
			}
		});
	}

	private void giveUp() {
		shared.remove(this.file.identity(), this);
		remember(this.tokens.abandon());
		this.file.close();
	}

	private void remember(long token) {
		memories.put(this.directoryIdentity, new Memory(token, this.keys.dirty()));
	}

	/** Carries the answer out of the thread that has found it. */
	private static final class HeldException extends IOException {

		private static final long serialVersionUID = 1L;

		private final transient Path directory;

		private final transient Look.Busy<LockFile> busy;

		HeldException(Path directory, Look.Busy<LockFile> busy) {
			super("held");
			this.directory = directory;
			this.busy = busy;
		}

	}

}
