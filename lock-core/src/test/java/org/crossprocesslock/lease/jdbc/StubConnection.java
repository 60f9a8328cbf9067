package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;

/** A connection that leads nowhere and remembers what became of it. */
final class StubConnection {

	/** What was done to it, as JDBC names the calls. */
	final List<String> calls = new CopyOnWriteArrayList<>();

	volatile boolean valid = true;

	volatile boolean closed;

	/** What it throws where it is asked whether it is alive. */
	volatile @Nullable Throwable aliveFailure;

	/** What breaking it throws. */
	volatile @Nullable Error abortFailure;

	/** Closing it waits for that. */
	private volatile @Nullable CountDownLatch closing;

	private final Connection connection = (Connection) Proxy.newProxyInstance(StubConnection.class.getClassLoader(),
			new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
				if (method.getName().equals("equals")) {
					return proxy == arguments[0];
				}
				return (method.getDeclaringClass() == Object.class) ? method.invoke(this, arguments)
						: call(method.getName());
			});

	Connection connection() {
		return this.connection;
	}

	void closesAfter(CountDownLatch latch) {
		this.closing = latch;
	}

	private @Nullable Object call(String method) throws Throwable {
		Throwable failure = this.aliveFailure;
		if (failure != null && List.of("isClosed", "isValid").contains(method)) {
			throw failure;
		}
		if (method.equals("isClosed")) {
			return this.closed;
		}
		if (!List.of("isValid", "close", "abort").contains(method)) {
			throw new SQLException("nobody calls " + method);
		}
		if (method.equals("close")) {
			close();
			return null;
		}
		this.calls.add(method);
		Error abort = this.abortFailure;
		if (abort != null && method.equals("abort")) {
			throw abort;
		}
		return method.equals("isValid") ? this.valid : null;
	}

	private void close() throws InterruptedException {
		CountDownLatch latch = this.closing;
		if (latch != null) {
			latch.await();
		}
		this.calls.add("close");
		this.closed = true;
	}

}
