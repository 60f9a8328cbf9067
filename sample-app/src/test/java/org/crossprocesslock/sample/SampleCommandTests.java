package org.crossprocesslock.sample;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests of the command line. */
class SampleCommandTests {

	private final StringWriter out = new StringWriter();

	private final StringWriter err = new StringWriter();

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			--foo                                 | Unknown argument '--foo'
			--foo=bar                             | Unknown argument '--foo=bar'
			start                                 | Unknown argument 'start'
			--orders                              | Missing required parameter for option '--orders' (FILE)
			--orders none.csv                     | none.csv: there is no such file
			demo --foo                            | Unknown option: '--foo'
			demo --server.port=1                  | Unknown option: '--server.port=1'
			demo more                             | Unmatched argument at index 1: 'more'
			demo --instances                      | Missing required parameter for option '--instances' (N)
			demo --instances many                 | Invalid value for option '--instances': 'many' is not an int
			demo --instances 1                    | --instances is 1, not between 2 and 16
			demo --instances=17                   | --instances is 17, not between 2 and 16
			demo --backend                        | Missing required parameter for option '--backend' (BACKEND)
			demo --backend=paper                  | --backend is 'paper', neither 'jdbc' nor 'file'
			demo --backend=FILE                   | --backend is 'FILE', neither 'jdbc' nor 'file'
			demo --backend=file --without-lock    | --backend=file and --without-lock exclude each other
			demo --stall --backend=file           | a lock on a file is not lost by stopping
			demo --stall --without-lock           | without a lock there is none to lose
			demo --without-fencing                | --without-fencing makes a difference with --stall only
			demo --browser --stall                | it goes with neither --stall nor
			demo --browser --backend=file         | it goes with neither --stall nor
			demo --orders none.csv                | none.csv: there is no such file
			demo --spring.datasource.url=postgres | 'postgres' is not the JDBC URL of a database that processes share
			demo --spring.datasource.url=jdbc:h2:mem:a | 'jdbc:h2:mem:a' is not the JDBC URL of a database that
			demo --spring.datasource.url=jdbc:nix:x    | No connection to jdbc:nix:x
			""")
	void wrongArgumentIsRefusedWithCode2(String arguments, String message) {
		assertThat(execute(arguments.split(" "))).isEqualTo(2);
		assertThat(this.err.toString()).contains(message).contains("--help");
		assertThat(this.out.toString()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "--orders", "demo --orders" })
	void malformedFileIsRefusedWithItsLine(String arguments, @TempDir Path directory) throws IOException {
		Path file = directory.resolve("bad.csv");
		Files.writeString(file,
				"reference,customer,ordered_on,item,quantity,amount\nA-1,Huber,2026-01-31,Chair,2,abc\n");
		assertThat(execute((arguments + " " + file).split(" "))).isEqualTo(2);
		assertThat(this.err.toString()).startsWith(file + " line 2: amount 'abc' is not a number");
	}

	@Test
	void helpTellsTheExitCodes() {
		assertThat(execute("--help")).isZero();
		assertThat(execute("demo", "--help")).isZero();
		assertThat(this.out.toString()).contains("--instances=N", "--without-lock", "--stall", "--orders=FILE",
				"--backend=BACKEND", "Default: jdbc", "--cross-process-lock.backend=file", "Exit codes");
		assertThat(this.out.toString()).doesNotContain("worker");
	}

	private int execute(String... args) {
		CommandLine commandLine = SampleCommand.create();
		commandLine.setOut(new PrintWriter(this.out, true)).setErr(new PrintWriter(this.err, true));
		return commandLine.execute(args);
	}

}
