package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between clients and a server on this machine, and can stop to pass anything on
 * without closing a connection, as a network or a machine that is gone does.
 */
final class StallingProxy implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(StallingProxy.class);

	private final int target;

	private final ServerSocket listener;

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition resumed = this.lock.newCondition();

	private boolean stalled;

	private StallingProxy(int target, ServerSocket listener) {
		this.target = target;
		this.listener = listener;
	}

	/** Starts a proxy for the port. */
	static StallingProxy of(int target) throws IOException {
		StallingProxy proxy = new StallingProxy(target, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
		proxy.run(proxy::accept);
		return proxy;
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/** Nothing passes any more, not even a new connection. */
	void stall() {
		setStalled(true);
	}

	/** What was held back passes, and what comes. */
	void resume() {
		setStalled(false);
	}

	private void setStalled(boolean value) {
		this.lock.lock();
		try {
			this.stalled = value;
			this.resumed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void pass() {
		this.lock.lock();
		try {
			while (this.stalled) {
				this.resumed.awaitUninterruptibly();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void accept() throws IOException {
		while (true) {
			Socket client = this.listener.accept();
			this.sockets.add(client);
			run(() -> connect(client));
		}
	}

	private void connect(Socket client) throws IOException {
		pass();
		Socket server = new Socket(InetAddress.getLoopbackAddress(), this.target);
		this.sockets.add(server);
		run(() -> copy(client, server));
		copy(server, client);
	}

	private void copy(Socket from, Socket to) throws IOException {
		try (from; to) {
			InputStream input = from.getInputStream();
			OutputStream output = to.getOutputStream();
			byte[] bytes = new byte[8192];
			for (int read = input.read(bytes); read >= 0; read = input.read(bytes)) {
				pass();
				output.write(bytes, 0, read);
			}
		}
	}

	private void run(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (IOException ex) {
				// one of the two sides has gone; the other finds its socket closed
				logger.debug("A connection through the proxy has ended", ex);
			}
		}, "proxy");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
		resume();
	}

	/** What a thread of the proxy does. */
	private interface Work {

		void run() throws IOException;

	}

}
