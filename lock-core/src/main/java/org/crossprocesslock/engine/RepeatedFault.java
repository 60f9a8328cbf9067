package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.slf4j.Logger;

/**
 * A fault that may come again with every call, and is worth a line of the log once a
 * minute. Whoever tells of it has more to do, also where the log is broken: no method
 * throws. Safe from any thread, takes no lock.
 *
 * @since 0.1.0
 */
public final class RepeatedFault {

	/** Between two lines. */
	static final Duration PAUSE = Duration.ofMinutes(1);

	private final TimeSource time;

	private final AtomicLong unsaid = new AtomicLong();

	private final AtomicLong silentUntil;

	/** Has not come yet. */
	public RepeatedFault() {
		this(TimeSource.SYSTEM);
	}

	RepeatedFault(TimeSource time) {
		this.time = time;
		this.silentUntil = new AtomicLong(time.nanos());
	}

	/**
	 * It has come.
	 * @param say writes the line, if it is time for one; is given how often the fault has
	 * come in silence, in words that follow a sentence, or nothing
	 */
	public void happened(Consumer<String> say) {
		long now = this.time.nanos();
		long until = this.silentUntil.get();
		if (now - until < 0 || !this.silentUntil.compareAndSet(until, now + PAUSE.toNanos())) {
			this.unsaid.incrementAndGet();
			return;
		}
		long times = this.unsaid.getAndSet(0);
		try {
			say.accept((times > 0) ? " (and " + times + " times since that was last said)" : "");
		}
		catch (Throwable ex) {
			// there is nobody else to tell
			return;
		}
	}

	/**
	 * It has come, and is a defect of this library.
	 * @param logger where to say it, if it is time for a line
	 * @param what has happened
	 * @param defect why
	 */
	public void happened(Logger logger, String what, Throwable defect) {
		happened((more) -> logger.error("{}; please report this{}", what, more, defect));
	}

}
