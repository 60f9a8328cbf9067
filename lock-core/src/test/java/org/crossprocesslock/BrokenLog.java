package org.crossprocesslock;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** Has the log of one type throw whatever it is asked to say, until it is closed. */
public final class BrokenLog extends TurboFilter implements AutoCloseable {

	private final LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();

	private final List<String> asked = new CopyOnWriteArrayList<>();

	private final String name;

	/**
	 * Breaks the log.
	 * @param type whose log it is
	 */
	public BrokenLog(Class<?> type) {
		this.name = type.getName();
		this.logs.addTurboFilter(this);
	}

	@Override
	public FilterReply decide(Marker marker, Logger logger, Level level, String format, Object[] parameters,
			Throwable failure) {
		if (!logger.getName().equals(this.name)) {
			return FilterReply.NEUTRAL;
		}
		this.asked.add(level.toString());
		throw new IllegalStateException("the log is broken");
	}

	/**
	 * What it was to say.
	 * @return the levels, the first one first
	 */
	public List<String> asked() {
		return this.asked;
	}

	@Override
	public void close() {
		this.logs.getTurboFilterList().remove(this);
	}

}
