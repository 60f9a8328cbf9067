package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * Whether a directory can be used, as it is known. Whoever asks gets what was found last
 * and has it found out again, on a thread for nothing else: a directory that hangs holds
 * up that one.
 */
final class KnownDirectory {

	private static final Duration PERIOD = Duration.ofSeconds(1);

	private final Path path;

	private final FileThreads.IoWork<?> check;

	private final TimeSource time;

	private final AtomicLong askedNanos;

	private final AtomicBoolean looking = new AtomicBoolean();

	private volatile @Nullable Condition gone;

	KnownDirectory(Path path) {
		this(path, () -> LockDirectory.checked(path), TimeSource.SYSTEM);
	}

	/** One that is checked in this way. */
	KnownDirectory(Path path, FileThreads.IoWork<?> check, TimeSource time) {
		this.path = path;
		this.check = check;
		this.time = time;
		this.askedNanos = new AtomicLong(time.nanos());
	}

	/** Since when and why it cannot be used, {@code null} if it can. */
	@Nullable Condition gone() {
		long now = this.time.nanos();
		long before = this.askedNanos.get();
		if (now - before > PERIOD.toNanos() && this.askedNanos.compareAndSet(before, now)) {
			askAgain();
		}
		return this.gone;
	}

	private void askAgain() {
		if (!this.looking.compareAndSet(false, true)) {
			return;
		}
		try {
			EngineThreads.daemon("cross-process-lock-directory", this::look).start();
		}
		catch (Throwable ex) {
			// another time
			this.looking.set(false);
		}
	}

	private void look() {
		Condition before = this.gone;
		try {
			var unused = this.check.run();
			this.gone = null;
		}
		catch (IOException ex) {
			this.gone = (before != null) ? before : Condition.now(Status.LOST,
					"directory " + this.path + " cannot be used: " + LockDirectory.reason(ex));
		}
		finally {
			this.looking.set(false);
		}
	}

}
