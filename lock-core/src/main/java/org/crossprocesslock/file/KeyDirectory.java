package org.crossprocesslock.file;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * A directory with a lock file for each key. One object for each directory and process,
 * kept for good: it remembers which keys are dirty.
 */
final class KeyDirectory {

	private static final Map<FileIdentity, KeyDirectory> all = new ConcurrentHashMap<>();

	// on Windows a blocked thread hears nothing of the close, which waits for it
	private static final boolean UNIX = File.separatorChar == '/';

	private final Path path;

	private final boolean local;

	/** Whether the kernel can wait, and an open file hinders nobody. */
	private final boolean inKernel;

	private final SharedKeys<KeyTenure> keys;

	private final KeyFiles files;

	private final BarredKeys barred = new BarredKeys(TimeSource.SYSTEM);

	private KeyDirectory(Path path, FileIdentity identity, DirtyKeys dirty) {
		this.path = path;
		this.local = LockDirectory.tellOf(path).isLocal();
		this.inKernel = this.local && UNIX;
		this.keys = new SharedKeys<>(() -> new KeyTenure(this), dirty, FileThreads.of(identity), TimeSource.SYSTEM);
		this.files = new KeyFiles(path, LockFileWatch.of(identity), this.inKernel);
	}

	static KeyDirectory open(Path directory) {
		try {
			return FileThreads.open(() -> {
				Path real = LockDirectory.checked(directory);
				OpenFiles.tellLimit();
				return all.compute(FileIdentity.of(real), (identity, known) -> known(identity, known, real));
			});
		}
		catch (IOException ex) {
			throw LockDirectory.setupFailed(directory, ex);
		}
	}

	private static KeyDirectory known(FileIdentity identity, @Nullable KeyDirectory known, Path path) {
		if (known == null) {
			return new KeyDirectory(path, identity, new DirtyKeys());
		}
		// a directory may have been moved, or deleted and its inode used for another one;
		// what is remembered of the keys then still proves nothing wrong, see nextToken
		return identity.isOf(known.path) ? known : new KeyDirectory(path, identity, known.keys.dirty());
	}

	Path path() {
		return this.path;
	}

	SharedKeys<KeyTenure> keys() {
		return this.keys;
	}

	/**
	 * Has something done with the files of keys: here, where that takes microseconds, or
	 * else on a thread that it may keep.
	 * @param work what to do
	 * @param mayStay whether the calling thread may be used
	 */
	<T> CompletableFuture<T> perform(Supplier<T> work, boolean mayStay) {
		return (this.local && mayStay) ? FileThreads.here(work) : this.keys.threads().submit(work);
	}

	/**
	 * The same for work that gives a key up, which nobody would do later: it keeps the
	 * calling thread too if there is no other.
	 */
	<T> CompletableFuture<T> finish(Supplier<T> work, boolean mayStay) {
		return (this.local && mayStay) ? FileThreads.here(work) : this.keys.threads().inAnyCase(work);
	}

	/** Attempts once to take a key. */
	Look<KeyFile> tryLock(String key) throws IOException {
		for (int i = 0; i < LockFile.REPLACEMENTS_TO_BEAR_WITH; i++) {
			KeyFile file = this.files.open(key).orElse(null);
			if (file == null) {
				return new Look.Busy<>(OptionalLong.of(ProcessHandle.current().pid()));
			}
			boolean keep = false;
			try {
				boolean taken = isTaken(file);
				if (file.isAtItsPath()) {
					keep = true;
					return taken ? new Look.Taken<>(file) : busy(file);
				}
			}
			finally {
				if (!keep) {
					this.files.discard(file);
				}
			}
		}
		throw LockFile.replacedAgainAndAgain(this.path.resolve(key + ".lock"));
	}

	private Look<KeyFile> busy(KeyFile file) throws IOException {
		try {
			return new Look.Busy<>(file.holderPid());
		}
		finally {
			this.files.giveBack(file);
		}
	}

	private boolean isTaken(KeyFile file) throws IOException {
		KeyFile.Attempt attempt = file.tryTake(this.barred.mayBePassed(file.key()));
		if (attempt == KeyFile.Attempt.OTHERS_FIRST) {
			this.barred.othersFirst(file.key());
		}
		else {
			this.barred.forget(file.key());
		}
		return attempt == KeyFile.Attempt.TAKEN;
	}

	/** Gives up a key that nobody was told of. */
	void release(KeyFile file) {
		this.files.discard(file);
	}

	/**
	 * Begins to wait for a key.
	 * @param caller waits itself where that means to be woken by the kernel
	 */
	KeyWait<KeyFile> await(String key, CallerThread caller, KeyWait.Receiver<KeyFile> receiver) {
		KeyWait<KeyFile> wait = new KeyWait<>(this.files, key, this.inKernel, receiver);
		if (!this.inKernel || !caller.takes(wait)) {
			wait.start();
		}
		return wait;
	}

	/**
	 * Draws the next token of a key and sees to it that the file of the key says who has
	 * it. To be called under the lock of the key.
	 */
	long nextToken(KeyFile file) throws IOException {
		// whoever has the key has seen the line go on
		this.barred.forget(file.key());
		TokenFile.Step step = file.nextToken();
		if (this.keys.dirty().acquired(file.key(), step.last(), step.next()) || !file.isReused()) {
			file.writePid(ProcessHandle.current().pid());
		}
		return step.next();
	}

}
