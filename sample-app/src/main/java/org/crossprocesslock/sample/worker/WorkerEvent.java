package org.crossprocesslock.sample.worker;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a worker tells the demo, one line on its standard output each.
 *
 * @param kind what happened
 * @param number what it happened to, see {@link Kind}
 */
public record WorkerEvent(Kind kind, long number) {

	private static final Pattern LINE = Pattern.compile("EVENT (" + Kind.words() + ") (\\d+)");

	/** What happened. */
	public enum Kind {

		/** Waits for the word to begin; the number is its process id. */
		READY,
		/** Has the lock; the number is the fencing token. */
		ACQUIRED,
		/** Has given the lock back; the number is the fencing token. */
		RELEASED,
		/** Has lost its lease while it had the lock; the number is the fencing token. */
		LOST,
		/** Had a call fail because the lock was lost; the number is the fencing token. */
		FAILED,
		/** Has committed an invoice; the number is the invoice number. */
		NUMBERED,
		/** Stands still between reading and inserting, as asked; the number it read. */
		STALLED,
		/** Found no order without an invoice; the number is how many it has written. */
		FINISHED,
		/** Has ended; the number is its exit code. Not told but observed. */
		EXITED;

		private static String words() {
			return Stream.of(values()).map(Kind::word).collect(Collectors.joining("|"));
		}

		private String word() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	/**
	 * Reads a line.
	 * @param line what a worker printed
	 * @return the event, or empty if the line is something else
	 */
	public static Optional<WorkerEvent> parse(String line) {
		Matcher matcher = LINE.matcher(line);
		if (!matcher.matches()) {
			return Optional.empty();
		}
		Kind kind = Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
		return Optional.of(new WorkerEvent(kind, Long.parseLong(matcher.group(2))));
	}

	/**
	 * The line that {@link #parse(String)} reads.
	 * @return one line without its end
	 */
	public String toLine() {
		return "EVENT " + this.kind.word() + " " + this.number;
	}

	static void tell(Kind kind, long number) {
		// the pipe to the demo, not a log
		System.out.println(new WorkerEvent(kind, number).toLine());
	}

}
