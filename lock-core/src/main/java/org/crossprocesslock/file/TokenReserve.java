package org.crossprocesslock.file;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fencing tokens that are handed out without I/O: the file holds a number that is ahead
 * of them, and whoever opens it next goes on above that. So no crash can make a token
 * appear twice. Safe from any thread.
 */
final class TokenReserve {

	/** What {@link #next()} answers when no token may be handed out. */
	static final long NONE = -1;

	private static final Logger logger = LoggerFactory.getLogger(TokenReserve.class);

	private static final long AHEAD = TimeUnit.MINUTES.toMicros(1);

	private final TokenFile file;

	private final long ahead;

	private final long found;

	private final AtomicLong last;

	private final ReentrantLock writing = new ReentrantLock();

	private volatile long reserved;

	private volatile boolean ended;

	private volatile @Nullable IOException failure;

	private TokenReserve(TokenFile file, long ahead, long found) {
		this.file = file;
		this.ahead = ahead;
		this.found = found;
		this.last = new AtomicLong(Math.max(found, clockMicros()));
	}

	static TokenReserve open(TokenFile file) throws IOException {
		return open(file, AHEAD);
	}

	/** With how many tokens to reserve at a time. */
	static TokenReserve open(TokenFile file, long ahead) throws IOException {
		TokenReserve reserve = new TokenReserve(file, ahead, file.read());
		reserve.reserve();
		return reserve;
	}

	/** What the file held at first. */
	long found() {
		return this.found;
	}

	long next() {
		while (true) {
			long before = this.last.get();
			long clock = clockMicros();
			long token = (clock <= this.reserved) ? Math.max(before + 1, clock) : before + 1;
			if (token > this.reserved) {
				return NONE;
			}
			if (this.last.compareAndSet(before, token)) {
				return token;
			}
		}
	}

	/** Why no token may be handed out. */
	IOException failure() {
		IOException present = this.failure;
		return (present != null) ? present : new IOException("All fencing tokens that were reserved are used up");
	}

	/** Whether it is time to move the reserve ahead. */
	boolean isShort() {
		return this.reserved - Math.max(this.last.get(), clockMicros()) < this.ahead / 2;
	}

	/** Moves the reserve ahead if it becomes short. */
	void extend() {
		if (isShort()) {
			try {
				reserve();
				this.failure = null;
			}
			catch (IOException ex) {
				boolean known = this.failure != null;
				this.failure = ex;
				if (!known) {
					logger.warn("Fencing tokens could not be reserved; trying again while there are some left", ex);
				}
			}
		}
	}

	/**
	 * Writes down the last token that was handed out.
	 * @return what the file holds now
	 */
	long close() {
		this.writing.lock();
		try {
			this.ended = true;
			this.file.write(this.last.get());
			return this.last.get();
		}
		catch (IOException ex) {
			logger.warn("The last fencing token could not be written; the next ones begin higher", ex);
			return this.reserved;
		}
		finally {
			this.writing.unlock();
		}
	}

	/**
	 * Writes nothing any more, since another process may have the file.
	 * @return what the file held last
	 */
	long abandon() {
		this.ended = true;
		return this.reserved;
	}

	private void reserve() throws IOException {
		this.writing.lock();
		try {
			long highest = Math.max(this.last.get(), clockMicros());
			if (highest >= Long.MAX_VALUE - this.ahead) {
				throw this.file.usedUp(highest);
			}
			long limit = highest + this.ahead;
			if (!this.ended) {
				this.file.write(limit);
				this.reserved = limit;
			}
		}
		finally {
			this.writing.unlock();
		}
	}

	static long clockMicros() {
		return TimeUnit.MILLISECONDS.toMicros(TimeSource.SYSTEM.wallMillis());
	}

}
