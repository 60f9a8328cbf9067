package org.crossprocesslock.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the last fencing token is kept, beside a lock file and only used under its lock.
 * Always of the same length and written in place by one call: a process that dies leaves
 * the old text or the new one, and a disk that is full does not matter.
 */
final class TokenFile {

	private static final Logger logger = LoggerFactory.getLogger(TokenFile.class);

	private static final int LENGTH = 20;

	private final Path path;

	private @Nullable Open open;

	TokenFile(Path path) {
		this.path = path;
	}

	/** The last token, zero if there is none: tokens then begin with the clock. */
	long read() throws IOException {
		try (RandomAccessFile file = open()) {
			return read(file);
		}
	}

	void write(long token) throws IOException {
		try (RandomAccessFile file = open()) {
			file.write(text(token));
		}
	}

	/**
	 * Writes the next token.
	 * @param stayOpen whether there will soon be another one
	 * @return the last one and the next one
	 */
	Step next(boolean stayOpen) throws IOException {
		if (!stayOpen) {
			try (RandomAccessFile file = open()) {
				return next(file);
			}
		}
		Open present = this.open;
		// whoever deletes it shall not make us believe that nobody else has had the key
		if (present == null || !present.identity().leadsHere(this.path)) {
			close();
			RandomAccessFile file = open();
			present = new Open(file, FileIdentity.of(this.path));
			this.open = present;
		}
		return next(present.file());
	}

	private Step next(RandomAccessFile file) throws IOException {
		file.seek(0);
		long last = read(file);
		if (last == Long.MAX_VALUE) {
			throw usedUp(last);
		}
		long token = Math.max(last + 1, TokenReserve.clockMicros());
		file.seek(0);
		file.write(text(token));
		return new Step(last, token);
	}

	/** After that token there are too few. */
	UsedUpException usedUp(long last) {
		return new UsedUpException("No fencing token follows " + last + ", which is in " + this.path
				+ ". No process writes such a number: stop all that use the directory and write the last true token "
				+ "there, or delete the file, and tokens go on from the clock");
	}

	void close() throws IOException {
		Open present = this.open;
		this.open = null;
		if (present != null) {
			present.file().close();
		}
	}

	private record Open(RandomAccessFile file, FileIdentity identity) {

	}

	private RandomAccessFile open() throws IOException {
		return LockDirectory.open(this.path);
	}

	private long read(RandomAccessFile file) throws IOException {
		byte[] text = new byte[LENGTH];
		int length = file.read(text);
		return (length <= 0) ? 0 : parse(text, length);
	}

	private static byte[] text(long token) {
		byte[] text = new byte[LENGTH];
		text[LENGTH - 1] = '\n';
		long rest = token;
		for (int i = LENGTH - 2; i >= 0; i--) {
			text[i] = (byte) ('0' + rest % 10);
			rest /= 10;
		}
		return text;
	}

	private long parse(byte[] text, int length) {
		try {
			long token = Long.parseLong(new String(text, 0, length, StandardCharsets.US_ASCII).trim());
			if (token >= 0) {
				return token;
			}
		}
		catch (NumberFormatException ex) {
			logger.debug("What is there instead", ex);
		}
		logger.warn("{} holds no fencing token; tokens go on from the clock. Leave these files alone", this.path);
		return 0;
	}

	/** The token that is there is too close to the highest number. */
	static final class UsedUpException extends IOException {

		private static final long serialVersionUID = 1L;

		UsedUpException(String message) {
			super(message);
		}

	}

	/**
	 * From one token to the next.
	 *
	 * @param last the last one that was there, zero if there was none
	 * @param next the one that is there now
	 */
	record Step(long last, long next) {

	}

}
