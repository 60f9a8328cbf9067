package org.crossprocesslock.sample;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

import org.crossprocesslock.sample.demo.DemoCommand;
import org.crossprocesslock.sample.order.OrderFile;
import org.crossprocesslock.sample.order.OrderFileException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

import org.springframework.boot.SpringApplication;

/** The command line: without a subcommand, one service. */
@Command(name = "sample-app", sortOptions = false,
		description = "A service that gives gapless invoice numbers to orders. Several of them on one database "
				+ "take turns by a cross-process lock.",
		footer = { "",
				"Any other --property=value with a dot in its name is for Spring Boot: "
						+ "--server.port=8081, --spring.datasource.url=... to run on a database of yours, or "
						+ "--cross-process-lock.backend=file to let one of them run at a time.",
				"", "Exit codes: 0 fine, 1 failed, 2 wrong arguments or order file." })
final class SampleCommand implements Callable<Integer> {

	@Option(names = "--orders", paramLabel = "FILE",
			description = "CSV file of orders to import into an empty database instead of the bundled one.")
	private @Nullable Path orders;

	@Option(names = { "-h", "--help" }, usageHelp = true, description = "Print this and exit.")
	@SuppressWarnings("unused") // picocli reads it
	private boolean help;

	@Unmatched
	private List<String> springArguments = new ArrayList<>();

	@Spec
	private @Nullable CommandSpec spec;

	private SpringApplication.@Nullable AbandonedRunException abandoned;

	/**
	 * The whole command line, ready to execute arguments.
	 * @return the command line
	 */
	static CommandLine create() {
		return new CommandLine(new SampleCommand()).addSubcommand(new DemoCommand())
			.addSubcommand(new WorkerCommand())
			.setParameterExceptionHandler((ex, arguments) -> refuse(ex.getCommandLine(), ex))
			.setExecutionExceptionHandler((ex, command, parsed) -> {
				if (ex instanceof OrderFileException) {
					return refuse(command, ex);
				}
				if (command.getCommand() instanceof SampleCommand service
						&& ex instanceof SpringApplication.AbandonedRunException abandoned) {
					service.abandoned = abandoned;
				}
				if (command.getCommand() instanceof DemoCommand) {
					throw ex;
				}
				// SpringApplication has reported it
				return CommandLine.ExitCode.SOFTWARE;
			});
	}

	@Override
	public Integer call() {
		for (String argument : this.springArguments) {
			if (!argument.matches("--[a-z][\\w-]*\\.[^=]+=.*")) {
				throw new ParameterException(commandLine(), "Unknown argument '" + argument + "'");
			}
		}
		List<String> arguments = new ArrayList<>(this.springArguments);
		if (this.orders != null) {
			OrderFile.of(this.orders).read();
			arguments.add("--sample.orders=" + this.orders);
		}
		SpringApplication.run(SampleApplication.class, arguments.toArray(String[]::new));
		return 0;
	}

	/**
	 * Hands on what picocli has caught, if Spring Boot has only processed the start ahead
	 * of time and waits for it.
	 */
	void rethrowAbandoned() {
		if (this.abandoned != null) {
			throw this.abandoned;
		}
	}

	private CommandLine commandLine() {
		return Objects.requireNonNull(this.spec, "set by picocli").commandLine();
	}

	private static int refuse(CommandLine command, Exception reason) {
		command.getErr().println(reason.getMessage());
		command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
		return CommandLine.ExitCode.USAGE;
	}

}
