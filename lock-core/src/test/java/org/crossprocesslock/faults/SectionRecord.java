package org.crossprocesslock.faults;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where a process writes its sections while they last: a file that is only appended to.
 * Each line is one write of the operating system, which keeps it when the process is
 * killed. Not a table of the database: sections are wanted most while that is out of
 * reach. Safe from any thread; not closed by an interrupt.
 */
final class SectionRecord implements AutoCloseable {

	private final OutputStream file;

	SectionRecord(Path file) throws IOException {
		this.file = new FileOutputStream(file.toFile(), true);
	}

	/** Writes how long the section has lasted by now. */
	void write(Section section) {
		try {
			this.file.write((section.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
