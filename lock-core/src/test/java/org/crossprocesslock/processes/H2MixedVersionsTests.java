package org.crossprocesslock.processes;

import java.nio.file.Path;
import java.sql.SQLException;

import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** Two versions on one H2 file, which this process serves over TCP. */
class H2MixedVersionsTests extends MixedVersionsContract {

	private @Nullable Server server;

	@Override
	TestDatabase newDatabase(Path directory) throws SQLException {
		Server started = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		this.server = started;
		return new TestDatabase("jdbc:h2:tcp://localhost:" + started.getPort() + "/"
				+ directory.resolve("locks").toAbsolutePath() + ";WRITE_DELAY=0");
	}

	@AfterEach
	void stopServer() {
		endChildren();
		if (this.server != null) {
			this.server.stop();
		}
	}

}
