package org.crossprocesslock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image of an application with locks has to keep: the scripts of the
 * tables, and the names of classes that are asked for because they may be absent.
 */
final class LockRuntimeHints implements RuntimeHintsRegistrar {

	static final List<String> OPTIONAL = List.of("com.zaxxer.hikari.HikariDataSource",
			"org.apache.tomcat.jdbc.pool.DataSource", "org.apache.commons.dbcp2.BasicDataSource",
			"org.springframework.orm.jpa.JpaTransactionManager", "org.postgresql.PGConnection",
			"io.micrometer.observation.ObservationRegistry",
			"org.springframework.transaction.support.TransactionSynchronization");

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("org/crossprocesslock/lease/jdbc/schema-*.sql");
		OPTIONAL.forEach((name) -> hints.reflection().registerTypeIfPresent(classLoader, name, (type) -> {
		}));
	}

}
