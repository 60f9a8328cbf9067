package org.crossprocesslock;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that is free now and stays so, for a server that is stopped and started again or
 * that starts some time after its port was chosen.
 */
public final class ServerPort {

	/**
	 * Systems give ports above this range to whoever asks for any port, which each
	 * connection does: such a port may be taken while its server is down.
	 */
	private static final int FIRST = 20_000;

	private static final int LAST = 32_000;

	private ServerPort() {
	}

	/**
	 * Chooses one.
	 * @return the port
	 * @throws IOException if there are no sockets here
	 */
	public static int choose() throws IOException {
		while (true) {
			int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
			try (ServerSocket free = new ServerSocket(port)) {
				return free.getLocalPort();
			}
			catch (BindException ex) {
				// somebody has it; there are thousands more
			}
		}
	}

}
