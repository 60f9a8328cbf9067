package org.crossprocesslock.servers;

import java.io.IOException;
import java.nio.file.Path;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.processes.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A server ends with the process that has started it, whatever ends that. */
@Tag("full")
@OnServer(TestServer.MYSQL_8_0)
class ServerEndTests {

	@Test
	void serverDoesNotOutliveAProcessThatIsKilled(@TempDir Path directory) throws Exception {
		try (ChildJvm child = ChildJvm.start(Starter.class, directory.resolve("data").toString())) {
			ProcessHandle server = ProcessHandle.of(Long.parseLong(child.await("server"))).orElseThrow();
			assertThat(server.isAlive()).isTrue();
			child.kill();
			Eventually.until("the server has ended", () -> !server.isAlive());
		}
	}

	/** Starts a server and leaves it to itself. */
	static final class Starter {

		private Starter() {
		}

		public static void main(String[] arguments) throws IOException {
			ServerProcess server = TestServer.MYSQL_8_0.start(Path.of(arguments[0]));
			System.out.println(ChildJvm.ANSWER + "server " + server.pid());
			System.in.transferTo(System.out);
		}

	}

}
