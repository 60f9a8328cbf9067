package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * A directory with a lock file for each key. One object for each directory and process,
 * kept for good: it remembers which keys are dirty.
 */
final class KeyDirectory {

	private static final Map<FileIdentity, KeyDirectory> all = new ConcurrentHashMap<>();

	private final Path path;

	private final SharedKeys<KeyTenure> keys;

	private KeyDirectory(Path path, DirtyKeys dirty) {
		this.path = path;
		this.keys = new SharedKeys<>(() -> new KeyTenure(this), dirty);
	}

	static KeyDirectory open(Path directory) {
		try {
			return FileThreads.call(() -> {
				Path real = LockDirectory.checked(directory);
				return all.compute(FileIdentity.of(real), (identity, known) -> known(identity, known, real));
			});
		}
		catch (IOException ex) {
			throw LockDirectory.setupFailed(directory, ex);
		}
	}

	private static KeyDirectory known(FileIdentity identity, @Nullable KeyDirectory known, Path path) {
		if (known == null) {
			return new KeyDirectory(path, new DirtyKeys());
		}
		// a directory may have been moved, or deleted and its inode used for another one;
		// what is remembered of the keys then still proves nothing wrong, see nextToken
		return identity.isOf(known.path) ? known : new KeyDirectory(path, known.keys.dirty());
	}

	Path path() {
		return this.path;
	}

	SharedKeys<KeyTenure> keys() {
		return this.keys;
	}

	Look<LockFile> tryLock(String key) throws IOException {
		return LockFile.tryLock(this.path.resolve(key + ".lock"), ChannelLock::tryLock);
	}

	/** To be called under the lock of the key. */
	long nextToken(String key) throws IOException {
		TokenFile file = new TokenFile(this.path.resolve(key + ".token"));
		long last = file.read();
		long token = Math.max(last + 1, TokenReserve.clockMicros());
		file.write(token);
		this.keys.dirty().acquired(key, last, token);
		return token;
	}

}
