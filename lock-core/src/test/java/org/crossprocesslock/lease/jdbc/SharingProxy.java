package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * Does to connections what a proxy does that shares sessions: what is sent through one
 * may not reach those who listen, and a connection may have another session from one
 * statement to the next.
 */
final class SharingProxy {

	private final DataSource database;

	private final DataSource elsewhere;

	private final List<AtomicReference<Connection>> sessions = new CopyOnWriteArrayList<>();

	private final AtomicInteger swallowed = new AtomicInteger();

	private volatile boolean swallowing;

	SharingProxy(DataSource database, DataSource elsewhere) {
		this.database = database;
		this.elsewhere = elsewhere;
	}

	DataSource dataSource() {
		return DataSources.of(this::open);
	}

	/** Whether notifications get lost. */
	void swallow(boolean value) {
		this.swallowing = value;
	}

	/** How many notifications got lost. */
	int swallowed() {
		return this.swallowed.get();
	}

	/** Gives each connection another session. */
	void changeSessions() throws SQLException {
		for (AtomicReference<Connection> session : this.sessions) {
			session.set(this.database.getConnection());
		}
	}

	private Connection open() throws SQLException {
		AtomicReference<Connection> session = new AtomicReference<>(this.database.getConnection());
		this.sessions.add(session);
		return (Connection) Proxy.newProxyInstance(SharingProxy.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
					try {
						return method.invoke(target(session, arguments), arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	private Connection target(AtomicReference<Connection> session, Object @Nullable [] arguments) throws SQLException {
		boolean notifies = arguments != null && arguments.length == 1 && arguments[0] instanceof String sql
				&& sql.startsWith("select pg_notify");
		if (notifies && this.swallowing) {
			this.swallowed.incrementAndGet();
			return this.elsewhere.getConnection();
		}
		return Objects.requireNonNull(session.get());
	}

}
