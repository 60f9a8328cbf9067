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
			"io.micrometer.observation.ObservationRegistry", "io.netty.channel.EventLoop",
			"io.netty.util.internal.ThreadExecutorMap", "io.r2dbc.spi.ConnectionFactory",
			"kotlin.reflect.full.KCallables", "kotlinx.coroutines.reactor.MonoKt",
			"org.apache.commons.dbcp2.BasicDataSource", "org.apache.tomcat.jdbc.pool.DataSource",
			"org.h2.jdbcx.JdbcDataSource", "org.postgresql.PGConnection", "org.postgresql.ds.PGSimpleDataSource",
			"org.springframework.boot.jdbc.DataSourceUnwrapper",
			"org.springframework.jdbc.datasource.init.DataSourceInitializer",
			"org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource",
			"org.springframework.orm.jpa.JpaTransactionManager",
			"org.springframework.scheduling.quartz.SchedulerFactoryBean",
			"org.springframework.transaction.support.TransactionSynchronization", "reactor.core.publisher.Flux",
			"reactor.core.scheduler.Schedulers");

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("org/crossprocesslock/lease/jdbc/schema-*.sql");
		OPTIONAL.forEach((name) -> hints.reflection().registerTypeIfPresent(classLoader, name, (type) -> {
		}));
	}

}
