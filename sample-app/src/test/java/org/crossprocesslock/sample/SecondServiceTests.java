package org.crossprocesslock.sample;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Starts the service twice on one lock directory, as processes of their own. */
class SecondServiceTests {

	private final Path directory;

	SecondServiceTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	@Timeout(180)
	void secondServiceIsRefusedWithThePidOfTheFirst() throws Exception {
		Process first = start();
		try (BufferedReader lines = first.inputReader(StandardCharsets.UTF_8)) {
			assertThat(lines.lines().anyMatch((line) -> line.contains("Started SampleApplication"))).isTrue();
			Process second = start();
			try (BufferedReader refusal = second.inputReader(StandardCharsets.UTF_8)) {
				assertThat(String.join("\n", refusal.lines().toList())).contains("APPLICATION FAILED TO START")
					.contains("is in use by process " + first.pid())
					.contains("cross-process-lock.file.directory")
					.contains("cross-process-lock.file.kind=per-key");
				assertThat(second.waitFor()).isEqualTo(1);
			}
			finally {
				second.destroyForcibly();
			}
			assertThat(first.isAlive()).isTrue();
		}
		finally {
			first.destroyForcibly().onExit().join();
		}
	}

	private Process start() throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-cp", System.getProperty("java.class.path"), SampleApplication.class.getName()));
		command.addAll(
				List.of("--server.port=0", "--server.address=127.0.0.1", "--spring.datasource.url=jdbc:h2:mem:service",
						"--cross-process-lock.backend=file", "--cross-process-lock.file.directory=" + this.directory));
		return new ProcessBuilder(command).redirectErrorStream(true).start();
	}

}
