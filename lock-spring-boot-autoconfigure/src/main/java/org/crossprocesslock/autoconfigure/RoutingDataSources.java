package org.crossprocesslock.autoconfigure;

import java.sql.SQLException;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;

import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;

/**
 * DataSources that lead each caller to a database of its own. Locks that follow them end
 * up in several databases, and two holders have one key.
 */
final class RoutingDataSources {

	private static final String ACTION = "Define the DataSource of the database that is to keep the locks as a bean "
			+ "of its own and qualify it with @LockDataSource, or choose another backend with "
			+ "cross-process-lock.backend.";

	/** Whether Spring's JDBC is there. */
	static final boolean SPRING_JDBC = ClassUtils.isPresent(
			"org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource",
			RoutingDataSources.class.getClassLoader());

	private RoutingDataSources() {
	}

	/**
	 * Insists on a user who knows where a routing DataSource leads to.
	 * @throws RefusedStartException if it routes and is not qualified for locks
	 */
	static void refuseUnless(boolean qualified, String name, DataSource dataSource) {
		if (!qualified && isRouting(dataSource)) {
			throw new RefusedStartException(
					"DataSource [" + name + "] leads its callers to several databases. "
							+ "Cross-process locks have to be in one of them, or two holders could have the same key.",
					ACTION, null);
		}
	}

	/**
	 * Explains that the threads of the library, which have no context, find no database.
	 */
	static RefusedStartException leadsNowhere(String name, LockStoreException failure) {
		return new RefusedStartException(
				"DataSource [" + name + "] is qualified with @LockDataSource and leads a "
						+ "thread without context to no database that can be used: " + failure.getMessage() + ".",
				ACTION, failure);
	}

	static boolean isRouting(DataSource dataSource) {
		return SPRING_JDBC && Routing.is(dataSource);
	}

	/** Loaded only if there is such a class. */
	private static final class Routing {

		private static boolean is(DataSource dataSource) {
			try {
				return dataSource instanceof AbstractRoutingDataSource
						|| dataSource.isWrapperFor(AbstractRoutingDataSource.class);
			}
			catch (SQLException | RuntimeException ex) {
				// does not say what it wraps, as is common
				return false;
			}
		}

	}

}
