package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/** DataSources that do as a test says. */
final class DataSources {

	private DataSources() {
	}

	static DataSource of(Connections connections) {
		return (DataSource) Proxy.newProxyInstance(DataSources.class.getClassLoader(),
				new Class<?>[] { DataSource.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("getConnection")) {
						return connections.get();
					}
					throw new UnsupportedOperationException(method.getName());
				});
	}

	/** Opens a connection. */
	interface Connections {

		@Nullable Connection get() throws SQLException;

	}

}
