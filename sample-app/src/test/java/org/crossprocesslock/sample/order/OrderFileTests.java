package org.crossprocesslock.sample.order;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Tests of {@link OrderFile}. */
class OrderFileTests {

	private static final String HEADER = "reference,customer,ordered_on,item,quantity,amount\n";

	private static final String GOOD = "A-1,Huber,2026-01-31,Chair,2,10.50\n";

	private final Path directory;

	OrderFileTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	void bundledFileHasAThousandOrders() {
		assertThat(OrderFile.of(null).read()).hasSize(1000).allSatisfy((order) -> {
			assertThat(order.customer()).isNotBlank();
			assertThat(order.amount()).isPositive();
		});
	}

	@Test
	void readsQuotedValuesInTheOrderOfTheFile() throws IOException {
		List<Order> orders = read(HEADER + "B-1,\"Müller, Meier\",2026-02-01,\"27\"\" monitor\",1,249\n" + GOOD);
		assertThat(orders).containsExactly(
				new Order("B-1", "Müller, Meier", LocalDate.of(2026, 2, 1), "27\" monitor", 1, new BigDecimal("249")),
				new Order("A-1", "Huber", LocalDate.of(2026, 1, 31), "Chair", 2, new BigDecimal("10.50")));
	}

	@Test
	void acceptsByteOrderMarkWindowsLinesAndNoEndOfTheLastLine() throws IOException {
		assertThat(read("\uFEFF" + (HEADER + GOOD).replace("\n", "\r\n").stripTrailing())).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			A-2,Huber,2026-01-31,Chair,2,abc      | amount 'abc' is not a number
			A-2,Huber,2026-01-31,Chair,1.5,10     | quantity '1.5' is not a whole number
			A-2,Huber,31.01.2026,Chair,2,10       | ordered_on '31.01.2026' is not a date like 2026-01-31
			A-2,Huber,2026-01-31,Chair,0,10       | quantity '0' must be greater than or equal to 1
			A-2,,2026-01-31,Chair,1,10            | customer '' must not be blank
			A-2,Huber,2026-01-31,Chair,1,-1       | amount '-1' must be greater than or equal to 0.00
			A-2,Huber,2026-01-31,Chair,1          | 5 values instead of 6: A-2,Huber,2026-01-31,Chair,1
			A-1,Huber,2026-01-31,Chair,1,10       | reference 'A-1' was used before, on line 2
			""")
	void malformedLineIsNamed(String line, String problem) throws IOException {
		String file = HEADER + GOOD + line;
		assertRefused(file, "line 3: " + problem);
		assertRefused(file + "\n", "line 3: " + problem);
		assertRefused(file + "\nA-9,Huber,2026-01-31,Chair,1,10\n", "line 3: " + problem);
	}

	@Test
	void textAfterAQuotedValueIsNamedWithItsLine() throws IOException {
		assertRefused(HEADER + GOOD + "A-2,\"Huber\"x,2026-01-31,Chair,1,10\n", "line 3: ");
	}

	@Test
	void quoteThatIsNeverClosedIsRefused() throws IOException {
		assertRefused(HEADER + GOOD + "A-2,\"Huber,2026-01-31,Chair,1,10\n", "line 3: ");
	}

	@Test
	void otherHeaderIsRefused() throws IOException {
		assertRefused("id,name\n1,Huber\n", "line 1: the header is 'id,name' instead of 'reference,customer,");
	}

	@Test
	void fileWithoutOrdersIsRefused() throws IOException {
		assertRefused(HEADER, "there are no orders in it");
		assertRefused("", "there are no orders in it");
	}

	@Test
	void otherEncodingIsRefused() throws IOException {
		Path file = write(HEADER + "A-1,Müller,2026-01-31,Chair,2,10.50\n", StandardCharsets.ISO_8859_1);
		assertThatExceptionOfType(OrderFileException.class).isThrownBy(OrderFile.of(file)::read)
			.withMessageStartingWith(file + "")
			.withMessageContaining("not in UTF-8");
	}

	@Test
	void missingFileIsRefused() {
		Path file = this.directory.resolve("none.csv");
		assertThatExceptionOfType(OrderFileException.class).isThrownBy(OrderFile.of(file)::read)
			.withMessage(file + ": there is no such file");
	}

	@Test
	void directoryIsRefused() {
		assertThatExceptionOfType(OrderFileException.class).isThrownBy(OrderFile.of(this.directory)::read)
			.withMessageStartingWith(this.directory + ": cannot be read");
	}

	private void assertRefused(String content, String problem) throws IOException {
		Path file = write(content, StandardCharsets.UTF_8);
		assertThatExceptionOfType(OrderFileException.class).isThrownBy(OrderFile.of(file)::read)
			.withMessageStartingWith(file + "")
			.withMessageContaining(problem);
	}

	private List<Order> read(String content) throws IOException {
		return OrderFile.of(write(content, StandardCharsets.UTF_8)).read();
	}

	private Path write(String content, Charset encoding) throws IOException {
		return Files.writeString(this.directory.resolve("test.csv"), content, encoding);
	}

}
