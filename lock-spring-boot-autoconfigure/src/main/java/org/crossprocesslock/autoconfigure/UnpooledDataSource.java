package org.crossprocesslock.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Opens connections like those of a DataSource outside its pool. Needs Spring JDBC and
 * Boot's module for it.
 */
final class UnpooledDataSource {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	private static final boolean HIKARI_PRESENT = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			UnpooledDataSource.class.getClassLoader());

	private UnpooledDataSource() {
	}

	/**
	 * A DataSource without a pool for the same database and user. Opens no connection.
	 * @param dataSource the DataSource to derive from
	 * @return the DataSource, or {@code null} if connections must be borrowed
	 */
	static @Nullable DataSource derivedFrom(DataSource dataSource) {
		DataSource root = DataSourceUnwrapper.unwrapRoot(dataSource);
		String obstacle = (DataSourceUnwrapper.unwrap(dataSource, EmbeddedDatabase.class) != null)
				? "the database is embedded" : obstacle(root);
		if (obstacle == null) {
			try {
				return derive(root);
			}
			catch (RuntimeException ex) {
				obstacle = "connections outside it cannot be opened (" + ex.getMessage() + ")";
			}
		}
		logger.info("Locks borrow their connections from the DataSource and may have to wait for one when its pool is "
				+ "exhausted: {}", obstacle);
		return null;
	}

	/**
	 * The DataSource without what binds connections to the caller's transaction.
	 */
	static DataSource withoutTransactions(DataSource dataSource) {
		if (dataSource instanceof TransactionAwareDataSourceProxy
				|| dataSource instanceof LazyConnectionDataSourceProxy) {
			DataSource target = ((DelegatingDataSource) dataSource).getTargetDataSource();
			return (target != null) ? withoutTransactions(target) : dataSource;
		}
		return dataSource;
	}

	private static @Nullable String obstacle(DataSource root) {
		if (root instanceof AbstractRoutingDataSource) {
			return "the DataSource routes to others";
		}
		if (HIKARI_PRESENT && root instanceof HikariDataSource hikari && hikari.getConnectionInitSql() != null) {
			return "the pool prepares connections with SQL of its own";
		}
		return null;
	}

	private static DataSource derive(DataSource root) {
		SimpleDriverDataSource unpooled = DataSourceBuilder.derivedFrom(root)
			.type(SimpleDriverDataSource.class)
			.build();
		if (!StringUtils.hasText(unpooled.getUrl())) {
			throw new IllegalStateException(root.getClass().getName() + " does not tell its URL");
		}
		if (HIKARI_PRESENT && root instanceof HikariDataSource hikari) {
			unpooled.setConnectionProperties(hikari.getDataSourceProperties());
			unpooled.setCatalog(hikari.getCatalog());
			unpooled.setSchema(hikari.getSchema());
		}
		return unpooled;
	}

}
