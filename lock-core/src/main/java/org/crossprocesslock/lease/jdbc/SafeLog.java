package org.crossprocesslock.lease.jdbc;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that throws nothing: whoever says something has more to do, and an answer of the
 * database to pass on, also where an appender or a filter of the application is broken.
 */
final class SafeLog {

	private final Logger logger;

	SafeLog(Class<?> type) {
		this.logger = LoggerFactory.getLogger(type);
	}

	void debug(String line, Throwable failure) {
		say(() -> this.logger.debug(line, failure));
	}

	void info(String line) {
		say(() -> this.logger.info(line));
	}

	void warn(String line, @Nullable Object... parameters) {
		say(() -> this.logger.warn(line, parameters));
	}

	private static void say(Runnable line) {
		try {
			line.run();
		}
		catch (Throwable ex) {
			// there is nowhere to say it
			return;
		}
	}

}
