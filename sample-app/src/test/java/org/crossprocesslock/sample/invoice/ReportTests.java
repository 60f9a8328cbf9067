package org.crossprocesslock.sample.invoice;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.UUID;

import org.crossprocesslock.sample.database.Tables;
import org.crossprocesslock.sample.order.Order;
import org.crossprocesslock.sample.order.Orders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests of {@link Report} and of {@link InvoiceNumbering} alone, in one process. */
class ReportTests {

	private static final Tables TABLES = new Tables("test_");

	private final SingleConnectionDataSource connection = new SingleConnectionDataSource(
			"jdbc:h2:mem:" + UUID.randomUUID(), true);

	private final JdbcClient database = JdbcClient.create(this.connection);

	private final Orders orders = new Orders(this.database, TABLES);

	private final Invoices invoices = new Invoices(this.database, TABLES);

	@BeforeEach
	void createTables() {
		TABLES.create(this.database);
	}

	@AfterEach
	void close() {
		this.connection.destroy();
	}

	@Test
	void emptyDatabaseIsComplete() {
		assertThat(this.invoices.report()).isEqualTo(new Report(0, 0, 0, 0, 0, 0)).matches(Report::isComplete);
	}

	@Test
	void numberingAloneIsComplete() {
		addOrders(5);
		InvoiceNumbering numbering = new InvoiceNumbering(this.orders, this.invoices, (invoice) -> {
		});
		assertThat(numbering.numberNext()).contains(new Invoice(1, 1));
		assertThat(this.invoices.report()).isEqualTo(new Report(5, 4, 1, 0, 0, 0)).matches((r) -> !r.isComplete());
		for (int number = 2; number <= 5; number++) {
			assertThat(numbering.numberNext()).contains(new Invoice(number, number));
		}
		assertThat(numbering.numberNext()).isEmpty();
		assertThat(this.invoices.report()).isEqualTo(new Report(5, 0, 5, 0, 0, 0)).matches(Report::isComplete);
	}

	@Test
	void gapIsReported() {
		addOrders(3);
		addInvoices(new Invoice(1, 1), new Invoice(4, 2), new Invoice(5, 3));
		assertThat(this.invoices.report()).isEqualTo(new Report(3, 0, 3, 2, 0, 0)).matches((r) -> !r.isComplete());
	}

	@Test
	void numbersThatDoNotBeginAtOneAreReported() {
		addOrders(1);
		addInvoices(new Invoice(2, 1));
		assertThat(this.invoices.report()).isEqualTo(new Report(1, 0, 1, 1, 0, 0)).matches((r) -> !r.isComplete());
	}

	@Test
	void numberGivenTwiceIsReported() {
		addOrders(3);
		addInvoices(new Invoice(1, 1), new Invoice(1, 2), new Invoice(2, 3));
		assertThat(this.invoices.report()).isEqualTo(new Report(3, 0, 3, 0, 1, 0)).matches((r) -> !r.isComplete());
	}

	@Test
	void orderInvoicedTwiceIsReported() {
		addOrders(1);
		addInvoices(new Invoice(1, 1), new Invoice(2, 1));
		assertThat(this.invoices.report()).isEqualTo(new Report(1, 0, 2, 0, 0, 1)).matches((r) -> !r.isComplete());
	}

	private void addOrders(int count) {
		for (int i = 1; i <= count; i++) {
			this.orders.add(new Order("A-" + i, "Huber", LocalDate.of(2026, 1, 31), "Chair", 1, BigDecimal.TEN));
		}
	}

	private void addInvoices(Invoice... added) {
		for (Invoice invoice : added) {
			this.invoices.add(invoice);
		}
	}

}
