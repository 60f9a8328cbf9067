package org.crossprocesslock.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.crossprocesslock.sample.database.Tables;
import org.crossprocesslock.sample.invoice.Invoices;
import org.crossprocesslock.sample.invoice.Report;
import org.crossprocesslock.sample.order.Order;
import org.crossprocesslock.sample.order.Orders;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;

/**
 * The database the processes share. A temporary one lives in this process, so that
 * killing a worker takes nothing from the others but the worker.
 */
final class DemoDatabase implements AutoCloseable {

	/** Other than the service's, so that a demo never touches real orders. */
	static final String TABLE_PREFIX = "sample_demo_";

	private static final Tables TABLES = new Tables(TABLE_PREFIX);

	private final String url;

	private final SingleConnectionDataSource connection;

	private final JdbcClient client;

	private final Map<String, String> environment;

	private final @Nullable Path directory;

	private DemoDatabase(String url, String username, String password, @Nullable Path directory) {
		this.url = url;
		this.connection = new SingleConnectionDataSource(url, username, password, true);
		this.client = JdbcClient.create(this.connection);
		this.environment = Map.of("SPRING_DATASOURCE_URL", url, "SPRING_DATASOURCE_USERNAME", username,
				"SPRING_DATASOURCE_PASSWORD", password);
		this.directory = directory;
	}

	static DemoDatabase temporary() throws IOException {
		Path directory = Files.createTempDirectory("sample-demo");
		return new DemoDatabase("jdbc:h2:file:" + directory.resolve("demo") + ";AUTO_SERVER=TRUE;WRITE_DELAY=0", "sa", "",
				directory);
	}

	static DemoDatabase existing(String url, String username, String password) {
		return new DemoDatabase(url, username, password, null);
	}

	String url() {
		return this.url;
	}

	/**
	 * What a worker needs to find this database. An environment, since everybody on the
	 * host can read a command line.
	 */
	Map<String, String> environment() {
		return this.environment;
	}

	void fill(List<Order> orders) {
		TABLES.drop(this.client);
		TABLES.create(this.client);
		new TransactionTemplate(new DataSourceTransactionManager(this.connection))
			.executeWithoutResult((transaction) -> new Orders(this.client, TABLES).addAll(orders));
	}

	Report report() {
		return new Invoices(this.client, TABLES).report();
	}

	@Override
	public void close() {
		this.connection.destroy();
		if (this.directory != null) {
			FileSystemUtils.deleteRecursively(this.directory.toFile());
		}
	}

}
