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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The databases there are statements for. One more takes a constant, its statements, a
 * DDL script and a subclass of the contract tests. A start loads the statements of one
 * product only: the verifier loads what a constant itself would create.
 */
enum Dialect {

	H2("H2") {
		@Override
		Map<String, ErrorMeaning> errors() {
			return ErrorMeaning.H2;
		}

		@Override
		LeaseStatements statements(TableNames tables, Limits limits) {
			return H2Statements.of(tables, limits);
		}
	},

	POSTGRESQL("PostgreSQL") {
		@Override
		Map<String, ErrorMeaning> errors() {
			return ErrorMeaning.POSTGRESQL;
		}

		@Override
		LeaseStatements statements(TableNames tables, Limits limits) {
			return PostgresStatements.of(tables, limits);
		}
	},

	/** From the first version with a collation that tells all keys apart. */
	MYSQL("MySQL", "8.0.17") {
		@Override
		Map<String, ErrorMeaning> errors() {
			return ErrorMeaning.MYSQL;
		}

		@Override
		LeaseStatements statements(TableNames tables, Limits limits) {
			return MySqlStatements.of(tables, limits);
		}

		/** MariaDB is called so by the driver of MySQL. */
		@Override
		boolean isFor(String product, String version) {
			return super.isFor(product, version) && !MARIADB.isFor(product, version);
		}
	},

	/** From the first version that passes over locked rows. */
	MARIADB("MariaDB", "10.6") {
		@Override
		Map<String, ErrorMeaning> errors() {
			return ErrorMeaning.MYSQL;
		}

		@Override
		LeaseStatements statements(TableNames tables, Limits limits) {
			return MariaDbStatements.of(tables, limits);
		}

		@Override
		boolean isFor(String product, String version) {
			return super.isFor(product, version) || version.contains("-MariaDB");
		}
	};

	/** The names in the scripts, which run as they are. */
	private static final String SHIPPED = JdbcLeaseStore.DEFAULT_TABLE_PREFIX + "(lease|lock)";

	private static final String NUMBER = "\\d+";

	private final String product;

	private final String oldest;

	Dialect(String product) {
		this(product, "");
	}

	Dialect(String product, String oldest) {
		this.product = product;
		this.oldest = oldest;
	}

	String product() {
		return this.product;
	}

	/** What errors mean, by vendor code or SQLState. */
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
		String version = metaData.getDatabaseProductVersion();
		LookAlikes.refuse(product + " " + version);
		Dialect detected = detect(product, version);
		if (name == null) {
			if (detected == null) {
				throw new UnsupportedDatabaseException(product, supported());
			}
			return detected;
		}
		Dialect chosen = named(name);
		if (detected != null && detected != chosen) {
			throw chosen.isNotFor(product, null);
		}
		return chosen;
	}

	private static @Nullable Dialect detect(String product, String version) {
		for (Dialect dialect : values()) {
			if (dialect.isFor(product, version)) {
				return dialect;
			}
		}
		return null;
	}

	/** Whether that is what drivers call the product and its version. */
	boolean isFor(String product, String version) {
		return this.product.equals(product);
	}

	/** It was chosen for a database that is another one. */
	UnsupportedDatabaseException isNotFor(String version, @Nullable SQLException refusal) {
		return UnsupportedDatabaseException.otherPlatform(id(), this.product, version, supported(), refusal);
	}

	/** Whether the database says that it is the product, not only its driver. */
	boolean isConfirmedBy(String version) {
		return version.startsWith(this.product + " ") && isNewEnough(version.substring(this.product.length() + 1));
	}

	private boolean isNewEnough(String version) {
		if (this.oldest.isEmpty()) {
			return true;
		}
		int[] least = numbers(this.oldest);
		int[] there = numbers(version);
		int[] compared = Arrays.copyOf(there, Math.min(there.length, least.length));
		return Arrays.compare(compared, least) >= 0;
	}

	private static int[] numbers(String version) {
		return Pattern.compile(NUMBER)
			.matcher(version)
			.results()
			.limit(3)
			.mapToInt((number) -> Integer.parseInt(number.group()))
			.toArray();
	}

	/**
	 * The DDL script for tables of other names than those that it has as it is shipped.
	 */
	String ddl(String leaseName, String lockName) {
		try (InputStream in = Objects.requireNonNull(Dialect.class.getResourceAsStream(script()), script())) {
			String shipped = new String(in.readAllBytes(), StandardCharsets.UTF_8);
			return Pattern.compile(SHIPPED)
				.matcher(shipped)
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
