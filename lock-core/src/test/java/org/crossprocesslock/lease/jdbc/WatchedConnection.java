package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** A connection that remembers what was executed on it and may fail to commit. */
final class WatchedConnection {

	private final Connection target;

	private final List<String> executed = new ArrayList<>();

	private Misfortune beforeStatement = () -> {
	};

	private Misfortune beforeCommit = () -> {
	};

	private Misfortune beforeAutoCommit = () -> {
	};

	WatchedConnection(Connection target) {
		this.target = target;
	}

	/** What to hand to the code under test. */
	Connection connection() {
		return proxy(Connection.class, (method, arguments) -> {
			if (method.getName().equals("commit")) {
				this.beforeCommit.run();
			}
			if (method.getName().equals("setAutoCommit") && arguments != null && Boolean.TRUE.equals(arguments[0])) {
				this.beforeAutoCommit.run();
			}
			Object result = call(this.target, method, arguments);
			return (result instanceof Statement statement) ? watch(statement) : result;
		});
	}

	/** The statements that were executed, as JDBC names the calls. */
	List<String> executed() {
		return this.executed;
	}

	/** A commit ends the session instead, as a network does that breaks. */
	void breakAtCommit() {
		this.beforeCommit = () -> {
			this.target.close();
			throw new SQLException("broken", "08006");
		};
	}

	/** A commit fails, as one does that cannot be serialized. */
	void refuseCommit() {
		this.beforeCommit = WatchedConnection::refuse;
	}

	/** It is put back into autocommit mode only after something that may fail. */
	void beforeAutoCommit(Misfortune misfortune) {
		this.beforeAutoCommit = misfortune;
	}

	/** Statements fail, as they do that cannot be serialized. */
	void refuseStatements() {
		this.beforeStatement = WatchedConnection::refuse;
	}

	/** Something happens before each statement, and may fail it. */
	void beforeStatements(Misfortune misfortune) {
		this.beforeStatement = misfortune;
	}

	private static void refuse() throws SQLException {
		throw new SQLException("refused", "40001");
	}

	private Statement watch(Statement statement) {
		return proxy(PreparedStatement.class, (method, arguments) -> {
			if (method.getName().startsWith("execute")) {
				this.executed.add(method.getName());
				this.beforeStatement.run();
			}
			return call(statement, method, arguments);
		});
	}

	private static <T> T proxy(Class<T> type, Calls calls) {
		return type.cast(Proxy.newProxyInstance(WatchedConnection.class.getClassLoader(), new Class<?>[] { type },
				(proxy, method, arguments) -> calls.on(method, arguments)));
	}

	private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/** What happens before a call reaches the database. */
	interface Misfortune {

		void run() throws SQLException;

	}

	/** What happens on a call. */
	private interface Calls {

		@Nullable Object on(Method method, Object @Nullable [] arguments) throws Throwable;

	}

}
