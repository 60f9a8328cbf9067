package org.crossprocesslock.sample.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.crossprocesslock.sample.SampleApplication;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/** Runs the demo as a user does, in processes of its own. */
class DemoTests {

	/** All that a run without a fault may say, whatever its form. */
	private static final Pattern SAID = Pattern.compile(String.join("|",
			"\\d+ orders, \\d processes with.* on jdbc:\\S+",
			" *[\\d.]+ s +(worker \\d is ready, process id \\d+|worker \\d was (killed|stopped) with invoice \\d+ half done"
					+ "|worker \\d has taken over after [\\d.]+ s|worker \\d has lost its lease"
					+ "|worker \\d continues with its half done invoice"
					+ "|worker \\d had its call fail, since it had lost the lock|\\d+ numbered of \\d+ \\| .*)",
			// of the process that was stopped, which is what is shown
			"\\[worker \\d\\] .* WARN .* Lease \\S+ is lost: .*",
			// of any, where the machine stands still for longer than it takes to connect
			"\\[worker \\d\\] .* WARN .*Connections outside the pool cannot be used, .*",
			"\\[worker \\d\\] (|\\tat .*|java\\.sql\\.SQLTimeoutException: no answer from the database within .*)",
			"Without a lock two processes read the same last number, .*", "VERDICT (ok|wrong): .*"),
			Pattern.CASE_INSENSITIVE);

	private final Path directory;

	/** As the environment of the demo, which its workers inherit. */
	private final Map<String, String> settings = new HashMap<>();

	DemoTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	@Timeout(400)
	void withTheLockNothingIsMissingOrDoubledThoughOneIsKilled() throws Exception {
		Ended demo = runWithMishap("demo", "--orders", orders());
		assertThat(demo.output()).last()
			.asString()
			.startsWith("VERDICT ok: 200 orders, 200 invoices, 0 gaps, 0 duplicates, take-over after ");
		assertThat(demo.output()).anyMatch((line) -> line.contains("was killed with invoice"))
			.anyMatch((line) -> line.contains("has taken over"));
		assertThat(demo.exitCode()).isZero();
	}

	@Test
	@Timeout(400)
	@Tag("full")
	void withTheLockOnAFileNothingIsMissingOrDoubledThoughOneIsKilled() throws Exception {
		Ended demo = runWithMishap("demo", "--backend=file", "--orders", orders());
		assertThat(demo.output()).first().asString().contains("with a lock in " + this.directory);
		assertThat(demo.output()).last()
			.asString()
			.startsWith("VERDICT ok: 200 orders, 200 invoices, 0 gaps, 0 duplicates, take-over after ");
		assertThat(demo.output()).anyMatch((line) -> line.contains("was killed with invoice"))
			.anyMatch((line) -> line.contains("has taken over"));
		assertThat(demo.exitCode()).isZero();
		assertThat(this.directory).isDirectoryNotContaining("glob:**/sample-demo*");
	}

	@Test
	@Timeout(400)
	@DisabledOnOs(OS.WINDOWS)
	@Tag("full")
	void processThatWasStoppedForTooLongCannotCommitOnPostgreSqlEither() throws Exception {
		try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
			Ended demo = runWithMishap("demo", "--stall", "--orders", orders(), "--instances", "2",
					"--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"),
					"--spring.datasource.username=postgres");
			assertThat(demo.output()).last()
				.asString()
				.startsWith("VERDICT ok: 200 orders, 200 invoices, ")
				.endsWith(", stale commit refused");
			assertThat(demo.exitCode()).isZero();
			JdbcClient database = JdbcClient.create(postgres.getPostgresDatabase());
			assertThat(database.sql("select count(*) from sample_demo_invoices").query(Long.class).single())
				.isEqualTo(200);
		}
	}

	@Test
	@Timeout(400)
	@DisabledOnOs(OS.WINDOWS)
	@Tag("full")
	void processThatWasStoppedForTooLongCannotCommit() throws Exception {
		Ended demo = runWithMishap("demo", "--stall", "--orders", orders());
		assertThat(demo.output()).last()
			.asString()
			.startsWith("VERDICT ok: 200 orders, 200 invoices, 0 gaps, 0 duplicates, take-over after ")
			.endsWith(", stale commit refused");
		assertThat(demo.output()).anyMatch((line) -> line.contains("was stopped with invoice"))
			.anyMatch((line) -> line.contains("continues with its half done invoice"));
		assertThat(demo.exitCode()).isZero();
	}

	@Test
	@Timeout(400)
	@DisabledOnOs(OS.WINDOWS)
	@Tag("full")
	void withoutFencingItCommitsWhatIsStale() throws Exception {
		// so that only the process that is stopped loses it, and nobody else commits what
		// is stale
		this.settings.put("CROSSPROCESSLOCK_JDBC_LEASE_DURATION", "10s");
		Ended demo = runWithMishap("demo", "--stall", "--without-fencing", "--orders", orders());
		assertThat(demo.output()).last()
			.asString()
			.startsWith("VERDICT wrong: ")
			.contains(", 1 duplicates, ")
			.contains("a stale commit was NOT refused");
		assertThat(demo.exitCode()).isEqualTo(1);
	}

	@Test
	@Timeout(400)
	@Tag("full")
	void withoutTheLockNumbersAreGivenTwice() throws Exception {
		Ended demo = runWithMishap("demo", "--without-lock", "--orders", orders());
		assertThat(demo.output()).last()
			.asString()
			.startsWith("VERDICT wrong: 200 orders, ")
			.doesNotContain(" 0 duplicates");
		assertThat(demo.output()).anyMatch((line) -> line.contains("was killed with invoice"));
		assertThat(demo.exitCode()).isEqualTo(1);
	}

	@Test
	@Timeout(400)
	@Tag("full")
	void workersEndWhenTheDemoIsKilled() throws Exception {
		// more than are numbered until the workers are looked for
		Process demo = start("demo", "--without-lock", "--orders", orders(5_000));
		List<ProcessHandle> workers;
		try (BufferedReader lines = demo.inputReader(StandardCharsets.UTF_8)) {
			assertThat(lines.lines().anyMatch((line) -> line.contains("is ready"))).isTrue();
			workers = demo.descendants().toList();
			assertThat(workers).hasSize(3);
		}
		finally {
			demo.destroyForcibly();
		}
		for (ProcessHandle worker : workers) {
			worker.onExit().get();
		}
	}

	// enough that the process that is to stand still gets the lock again in the second
	// half
	private String orders() throws IOException {
		return orders(200);
	}

	private String orders(int count) throws IOException {
		StringBuilder file = new StringBuilder("reference,customer,ordered_on,item,quantity,amount\n");
		for (int i = 1; i <= count; i++) {
			file.append("A-").append(i).append(",Huber,2026-01-31,Chair,1,10\n");
		}
		return Files.writeString(this.directory.resolve("few.csv"), file).toString();
	}

	/**
	 * Once more, and then again, if all orders were numbered before a process was struck,
	 * which comes too late where the demo's own process stands still.
	 */
	private Ended runWithMishap(String... args) throws Exception {
		Ended ended = run(args);
		for (int again = 0; again < 2 && ended.isWithoutMishap(); again++) {
			ended = run(args);
		}
		return ended;
	}

	private Ended run(String... args) throws Exception {
		Process process = start(args);
		try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
			Ended ended = new Ended(lines.lines().toList(), process.waitFor());
			assertThat(ended.output()).as("what %s says", List.of(args)).allMatch(SAID.asMatchPredicate());
			return ended;
		}
		finally {
			process.destroyForcibly();
		}
	}

	private Process start(String... args) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Djava.io.tmpdir=" + this.directory, "-cp", System.getProperty("java.class.path"),
						SampleApplication.class.getName()));
		command.addAll(List.of(args));
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().putAll(this.settings);
		return builder.start();
	}

	private record Ended(List<String> output, int exitCode) {

		boolean isWithoutMishap() {
			return this.output.stream().noneMatch((line) -> line.endsWith(" half done"));
		}

	}

}
