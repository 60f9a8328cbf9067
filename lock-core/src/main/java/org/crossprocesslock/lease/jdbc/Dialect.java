package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The databases there are statements for. One more takes a constant, its statements, a
 * DDL script and a subclass of the contract tests.
 */
enum Dialect {

	H2("H2") {
		@Override
		Map<String, ErrorMeaning> errors() {
			return ErrorMeaning.H2;
		}

		@Override
		LeaseStatements statements(TableNames tables, Limits limits) {
			return new H2Statements(tables, limits);
		}
	},

	POSTGRESQL("PostgreSQL") {
		@Override
		Map<String, ErrorMeaning> errors() {
			return ErrorMeaning.POSTGRESQL;
		}

		@Override
		LeaseStatements statements(TableNames tables, Limits limits) {
			return new PostgresStatements(tables, limits);
		}
	};

	/** The names in the scripts, which run as they are. */
	private static final Pattern SHIPPED = Pattern.compile(JdbcLeaseStore.DEFAULT_TABLE_PREFIX + "(lease|lock)");

	private final String product;

	Dialect(String product) {
		this.product = product;
	}

	/** What errors mean, by SQLState or vendor code. */
	abstract Map<String, ErrorMeaning> errors();

	/** The name of the script that creates the tables, beside this class. */
	String script() {
		return "schema-" + id() + ".sql";
	}

	abstract LeaseStatements statements(TableNames tables, Limits limits);

	static Dialect named(String name) {
		return Arrays.stream(values())
			.filter((dialect) -> dialect.id().equals(name.toLowerCase(Locale.ROOT)))
			.findAny()
			.orElseThrow(() -> UnsupportedDatabaseException.noPlatform(name, supported()));
	}

	/** The dialect of the platform of that name, or without one that of the product. */
	static Dialect of(Connection connection, @Nullable String name) throws SQLException {
		DatabaseMetaData metaData = connection.getMetaData();
		String product = metaData.getDatabaseProductName();
		// before any statement of ours: another product would only answer with an error
		LookAlikes.refuse(product + " " + metaData.getDatabaseProductVersion());
		Optional<Dialect> detected = Arrays.stream(values()).filter((dialect) -> dialect.isFor(product)).findAny();
		if (name == null) {
			return detected.orElseThrow(() -> new UnsupportedDatabaseException(product, supported()));
		}
		Dialect chosen = named(name);
		if (detected.filter((dialect) -> dialect != chosen).isPresent()) {
			throw chosen.isNotFor(product, null);
		}
		return chosen;
	}

	/** Whether that is what its driver calls the product. */
	boolean isFor(String product) {
		return this.product.equals(product);
	}

	/** It was chosen for a database that is another one. */
	UnsupportedDatabaseException isNotFor(String version, @Nullable SQLException refusal) {
		return UnsupportedDatabaseException.otherPlatform(id(), this.product, version, supported(), refusal);
	}

	/** Whether the database says that it is the product, not only its driver. */
	boolean isConfirmedBy(String version) {
		return version.startsWith(this.product + " ");
	}

	/**
	 * The DDL script for tables of other names than those that it has as it is shipped.
	 */
	String ddl(String leaseName, String lockName) {
		try (InputStream in = Objects.requireNonNull(Dialect.class.getResourceAsStream(script()), script())) {
			String shipped = new String(in.readAllBytes(), StandardCharsets.UTF_8);
			return SHIPPED.matcher(shipped)
				.replaceAll((name) -> Matcher.quoteReplacement(name.group(1).equals("lock") ? lockName : leaseName));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The name by which it is chosen. */
	String id() {
		return name().toLowerCase(Locale.ROOT);
	}

	static List<String> supported() {
		return Arrays.stream(values()).map(Dialect::id).toList();
	}

}
