package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * Whether a directory can be used, as it is known. Whoever asks gets what was found last
 * and has it found out again, on another thread: a directory that hangs holds up nobody.
 */
final class KnownDirectory {

	private static final Duration PERIOD = Duration.ofSeconds(1);

	private final Path path;

	private final AtomicLong askedNanos = new AtomicLong(TimeSource.SYSTEM.nanos());

	private volatile @Nullable Condition gone;

	KnownDirectory(Path path) {
		this.path = path;
	}

	/** Since when and why it cannot be used, {@code null} if it can. */
	@Nullable Condition gone() {
		long now = TimeSource.SYSTEM.nanos();
		long before = this.askedNanos.get();
		if (now - before > PERIOD.toNanos() && this.askedNanos.compareAndSet(before, now)) {
			var unused = FileThreads.submit(() -> {
				look();
				return true;
			});
		}
		return this.gone;
	}

	private void look() {
		Condition before = this.gone;
		try {
			LockDirectory.checked(this.path);
			this.gone = null;
		}
		catch (IOException ex) {
			this.gone = (before != null) ? before : Condition.now(Status.LOST,
					"directory " + this.path + " cannot be used: " + LockDirectory.reason(ex));
		}
	}

}
