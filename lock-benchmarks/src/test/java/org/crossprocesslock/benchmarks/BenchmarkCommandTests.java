package org.crossprocesslock.benchmarks;

import java.io.PrintWriter;
import java.io.StringWriter;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** What a database cannot have is refused before a server is started. */
class BenchmarkCommandTests {

	@ParameterizedTest
	@CsvSource({ "--scenarios=8, There is no scenario 8 on MariaDB",
			"--flush=slow, There is no setting for a flush 1 ms slower on MariaDB",
			"--libraries=notifying_statements, There is no bare notify and acquire on MariaDB" })
	void whatMariaDbCannotHaveIsRefused(String option, String message) {
		StringWriter said = new StringWriter();
		int exit = new CommandLine(new BenchmarkCommand()).setCaseInsensitiveEnumValuesAllowed(true)
			.setErr(new PrintWriter(said))
			.execute("--database=mariadb", option);
		assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
		assertThat(said.toString()).startsWith(message);
	}

}
