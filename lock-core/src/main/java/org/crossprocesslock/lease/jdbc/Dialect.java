package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The databases there are statements for. One more takes a constant, its statements, a
 * DDL script and a subclass of the contract tests.
 */
enum Dialect {

	H2("H2") {
		@Override
		LeaseStatements statements(Tables tables, Limits limits) {
			return new H2Statements(tables, limits);
		}
	},

	POSTGRESQL("PostgreSQL") {
		@Override
		LeaseStatements statements(Tables tables, Limits limits) {
			return new PostgresStatements(tables, limits);
		}
	};

	private final String product;

	Dialect(String product) {
		this.product = product;
	}

	abstract LeaseStatements statements(Tables tables, Limits limits);

	static Dialect named(String name) {
		return Arrays.stream(values())
			.filter((dialect) -> dialect.id().equals(name.toLowerCase(Locale.ROOT)))
			.findAny()
			.orElseThrow(() -> new UnsupportedDatabaseException(name, supported()));
	}

	static Dialect detect(Connection connection) throws SQLException {
		String product = connection.getMetaData().getDatabaseProductName();
		return Arrays.stream(values())
			.filter((dialect) -> dialect.product.equals(product))
			.findAny()
			.orElseThrow(() -> new UnsupportedDatabaseException(product, supported()));
	}

	/** The DDL script, ready to run. */
	String ddl(Tables tables) {
		String script = "schema-" + id() + ".sql";
		try (InputStream in = Objects.requireNonNull(Dialect.class.getResourceAsStream(script), script)) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("${prefix}", tables.prefix());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The name by which it is chosen. */
	String id() {
		return name().toLowerCase(Locale.ROOT);
	}

	private static List<String> supported() {
		return Arrays.stream(values()).map(Dialect::id).toList();
	}

}
