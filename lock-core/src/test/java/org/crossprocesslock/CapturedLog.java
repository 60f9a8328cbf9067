package org.crossprocesslock;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * What the library logs while this is open.
 */
public final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger("org.crossprocesslock");

	/** Starts to listen. */
	public CapturedLog() {
		start();
		this.logger.addAppender(this);
	}

	@Override
	protected void append(ILoggingEvent event) {
		event.prepareForDeferredProcessing();
		this.events.add(event);
	}

	/**
	 * The errors so far.
	 * @return message and stack trace of each
	 */
	public Stream<String> errors() {
		return at(Level.ERROR);
	}

	/**
	 * The warnings so far.
	 * @return message and stack trace of each
	 */
	public Stream<String> warnings() {
		return at(Level.WARN);
	}

	/**
	 * The informative lines so far.
	 * @return message and stack trace of each
	 */
	public Stream<String> infos() {
		return at(Level.INFO);
	}

	private Stream<String> at(Level level) {
		return this.events.stream()
			.filter((event) -> event.getLevel() == level)
			.map((event) -> event.getFormattedMessage() + "\n"
					+ ThrowableProxyUtil.asString(event.getThrowableProxy()));
	}

	@Override
	public void close() {
		this.logger.detachAppender(this);
	}

}
