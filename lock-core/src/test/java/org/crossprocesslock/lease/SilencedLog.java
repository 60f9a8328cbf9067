package org.crossprocesslock.lease;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Has the library log nothing while it is simulated, where all of it goes wrong. */
final class SilencedLog {

	private static final Logger logger = (Logger) LoggerFactory.getLogger("org.crossprocesslock");

	private static final Level usual = logger.getEffectiveLevel();

	private SilencedLog() {
	}

	static void begin() {
		logger.setLevel(Level.OFF);
	}

	static void end() {
		logger.setLevel(usual);
	}

}
