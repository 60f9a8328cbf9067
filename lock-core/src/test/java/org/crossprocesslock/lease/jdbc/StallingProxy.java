package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between clients and a server on this machine, and can do what networks do: stop
 * to pass anything on without closing a connection, lose the answers on their way back,
 * or break every connection.
 */
public final class StallingProxy implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(StallingProxy.class);

	private final int target;

	private final ServerSocket listener;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	/**
	 * Clients that an answer was kept from: what came next would be no stream any more.
	 */
	private final Set<Socket> bereft = ConcurrentHashMap.newKeySet();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition resumed = this.lock.newCondition();

	private Traffic traffic = Traffic.FLOWS;

	private int heldBack;

	private volatile Swallowing swallowing = Swallowing.NONE;

	private final AtomicInteger swallowed = new AtomicInteger();

	private StallingProxy(int target, ServerSocket listener) {
		this.target = target;
		this.listener = listener;
	}

	/** Starts a proxy for the port. */
	public static StallingProxy of(int target) throws IOException {
		StallingProxy proxy = new StallingProxy(target, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
		proxy.run(proxy::accept);
		return proxy;
	}

	/** The port that clients connect to. */
	public int port() {
		return this.listener.getLocalPort();
	}

	/** Nothing passes any more, not even a new connection. */
	public void stall() {
		change(Traffic.STALLED);
	}

	/**
	 * New connections are accepted and never answered, not even after {@link #resume()};
	 * those there are go on.
	 * @param afterFirstAnswer whether the first answer still comes, as that to the
	 * request for encryption does
	 */
	public void swallowNewConnections(boolean afterFirstAnswer) {
		this.swallowing = afterFirstAnswer ? Swallowing.AFTER_FIRST_ANSWER : Swallowing.ALL;
	}

	/** New connections reach the server again. */
	public void stopSwallowing() {
		this.swallowing = Swallowing.NONE;
	}

	/** How many pieces of what was sent are held back now. */
	public int heldBack() {
		this.lock.lock();
		try {
			return this.heldBack;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** How many connections were accepted and not answered. */
	public int swallowed() {
		return this.swallowed.get();
	}

	/**
	 * Whatever clients send arrives and is carried out, but they do not hear of it. Their
	 * connections look open until {@link #resume()} breaks them.
	 */
	public void loseAnswers() {
		change(Traffic.LOSES_ANSWERS);
	}

	/** What was held back passes, and what comes. */
	public void resume() {
		change(Traffic.FLOWS);
		this.bereft.forEach(this::close);
	}

	/** Breaks every connection there is; new ones are possible. */
	public void cut() {
		this.sockets.forEach(this::close);
	}

	private void change(Traffic value) {
		this.lock.lock();
		try {
			this.traffic = value;
			this.resumed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Waits while nothing passes; answers whether this passes then. */
	private boolean passes(Socket receiver, boolean answer) {
		this.lock.lock();
		try {
			while (this.traffic == Traffic.STALLED) {
				this.heldBack++;
				this.resumed.awaitUninterruptibly();
				this.heldBack--;
			}
			if (answer && this.traffic == Traffic.LOSES_ANSWERS) {
				this.bereft.add(receiver);
			}
			return !this.bereft.contains(receiver);
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
		try (client) {
			passes(client, false);
			Swallowing now = this.swallowing;
			if (now != Swallowing.NONE) {
				swallow(client, now);
				return;
			}
			try (Socket server = new Socket(InetAddress.getLoopbackAddress(), this.target)) {
				this.sockets.add(server);
				run(() -> copy(client, server, false));
				copy(server, client, true);
			}
		}
		finally {
			this.sockets.remove(client);
			this.bereft.remove(client);
		}
	}

	/** Reads whatever comes until the client gives up. */
	private void swallow(Socket client, Swallowing how) throws IOException {
		this.swallowed.incrementAndGet();
		InputStream input = client.getInputStream();
		byte[] bytes = new byte[8192];
		boolean first = how == Swallowing.AFTER_FIRST_ANSWER;
		while (input.read(bytes) >= 0) {
			if (first) {
				// PostgreSQL does not encrypt
				client.getOutputStream().write('N');
				first = false;
			}
		}
	}

	private void copy(Socket from, Socket to, boolean answers) throws IOException {
		try (from; to) {
			InputStream input = from.getInputStream();
			OutputStream output = to.getOutputStream();
			byte[] bytes = new byte[8192];
			for (int read = input.read(bytes); read >= 0; read = input.read(bytes)) {
				if (passes(to, answers)) {
					output.write(bytes, 0, read);
				}
			}
		}
		finally {
			this.sockets.remove(from);
		}
	}

	private void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			logger.debug("Closing a connection through the proxy failed", ex);
		}
	}

	private void run(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (IOException ex) {
				// one of the two sides has gone; the other finds its socket closed
				logger.debug("A connection through the proxy has ended: {}", ex.toString());
			}
		}, "proxy");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		cut();
		resume();
	}

	/** What happens to what is sent. */
	private enum Traffic {

		FLOWS, STALLED, LOSES_ANSWERS

	}

	/** What becomes of new connections. */
	private enum Swallowing {

		NONE, ALL, AFTER_FIRST_ANSWER

	}

	/** What a thread of the proxy does. */
	private interface Work {

		void run() throws IOException;

	}

}
