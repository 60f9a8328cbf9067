package org.crossprocesslock.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

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

	TokenFile(Path path) {
		this.path = path;
	}

	/** The last token, zero if there is none: tokens then begin with the clock. */
	long read() throws IOException {
		try (RandomAccessFile file = new RandomAccessFile(this.path.toFile(), "rw")) {
			byte[] text = new byte[LENGTH];
			int length = file.read(text);
			return (length <= 0) ? 0 : parse(new String(text, 0, length, StandardCharsets.US_ASCII));
		}
	}

	void write(long token) throws IOException {
		try (RandomAccessFile file = new RandomAccessFile(this.path.toFile(), "rw")) {
			file.write(
					String.format(Locale.ROOT, "%0" + (LENGTH - 1) + "d\n", token).getBytes(StandardCharsets.US_ASCII));
		}
	}

	private long parse(String text) {
		String token = text.trim();
		if (token.matches("[0-9]{1,19}")) {
			try {
				return Long.parseLong(token);
			}
			catch (NumberFormatException ex) {
				logger.debug("Too large for a token: {}", token, ex);
			}
		}
		logger.warn("{} holds no fencing token; tokens go on from the clock. Leave these files alone", this.path);
		return 0;
	}

}
