package org.crossprocesslock.lease;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Has the library log nothing while it is simulated, where all of it goes wrong. */
final class SilencedLog implements BeforeAllCallback, AfterAllCallback {

	private static final Logger logger = (Logger) LoggerFactory.getLogger("org.crossprocesslock");

	private static final Level usual = logger.getEffectiveLevel();

	@Override
	public void beforeAll(ExtensionContext context) {
		logger.setLevel(Level.OFF);
	}

	@Override
	public void afterAll(ExtensionContext context) {
		logger.setLevel(usual);
	}

}
