package org.crossprocesslock.sample.order;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.io.input.BOMInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file of orders, in UTF-8, with a header line. Either the one bundled with the
 * application or one of the user's.
 */
public final class OrderFile {

	private static final String BUNDLED = "/orders.csv";

	private static final CSVFormat FORMAT = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();

	private final @Nullable Path path;

	private OrderFile(@Nullable Path path) {
		this.path = path;
	}

	/**
	 * The given file, or the bundled one.
	 * @param path the file, {@code null} for the bundled one
	 * @return the file
	 */
	public static OrderFile of(@Nullable Path path) {
		return new OrderFile(path);
	}

	/**
	 * Reads the whole file. An order file is small: all of it is checked before anything
	 * of it is used.
	 * @return the orders, at least one, in the order of the file
	 * @throws OrderFileException if the file is missing, unreadable or malformed
	 */
	public List<Order> read() {
		try (Reader reader = open(); CSVParser parser = FORMAT.parse(reader)) {
			return readAll(parser);
		}
		catch (FileNotFoundException | NoSuchFileException ex) {
			throw new OrderFileException(name() + ": there is no such file", ex);
		}
		catch (CharacterCodingException ex) {
			throw new OrderFileException(name() + ": not in UTF-8", ex);
		}
		catch (IOException ex) {
			throw new OrderFileException(name() + ": cannot be read: " + ex, ex);
		}
	}

	/**
	 * What to call the file in messages.
	 * @return the path as it was given
	 */
	public String name() {
		return (this.path != null) ? this.path.toString() : "orders.csv";
	}

	private Reader open() throws IOException {
		BOMInputStream bytes = BOMInputStream.builder().setInputStream(openBytes()).get();
		return new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder());
	}

	private InputStream openBytes() throws IOException {
		if (this.path != null) {
			return Files.newInputStream(this.path);
		}
		InputStream bundled = OrderFile.class.getResourceAsStream(BUNDLED);
		if (bundled == null) {
			throw new FileNotFoundException(BUNDLED);
		}
		return bundled;
	}

	private List<Order> readAll(CSVParser parser) throws IOException {
		List<Order> orders = new ArrayList<>();
		OrderLines lines = new OrderLines();
		long line = 0;
		try {
			for (CSVRecord record : parser) {
				line = parser.getCurrentLineNumber();
				if (parser.getRecordNumber() == 1) {
					lines.checkHeader(record);
				}
				else {
					orders.add(lines.toOrder(record, line));
				}
			}
		}
		catch (OrderLines.MalformedLineException ex) {
			throw new OrderFileException(name() + " line " + line + ": " + ex.getMessage(), ex);
		}
		catch (UncheckedIOException ex) {
			if (ex.getCause() instanceof CSVException malformed) {
				throw new OrderFileException(name() + " line " + (line + 1) + ": " + malformed.getMessage(), ex);
			}
			throw ex.getCause();
		}
		if (orders.isEmpty()) {
			throw new OrderFileException(name() + ": there are no orders in it", null);
		}
		return orders;
	}

}
