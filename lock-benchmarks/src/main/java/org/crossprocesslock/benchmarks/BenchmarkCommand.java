package org.crossprocesslock.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.report.Chart;
import org.crossprocesslock.benchmarks.report.Json;
import org.crossprocesslock.benchmarks.report.Markdown;
import org.crossprocesslock.benchmarks.report.Page;
import org.crossprocesslock.benchmarks.report.RunReport;
import org.crossprocesslock.benchmarks.scenario.Conditions;
import org.crossprocesslock.benchmarks.scenario.Scale;
import org.crossprocesslock.benchmarks.scenario.Scenario;
import org.crossprocesslock.benchmarks.scenario.Scenarios;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that measures. */
@Command(name = "lock-benchmarks", mixinStandardHelpOptions = true, showDefaultValues = true,
		description = "Measures the locks beside other libraries, on a database server of its own.")
final class BenchmarkCommand implements Callable<Integer> {

	@Option(names = "--database", description = "On what to measure: ${COMPLETION-CANDIDATES}.")
	private Product product = Product.POSTGRESQL;

	@Option(names = "--scenarios", split = ",",
			description = "Which scenarios to run; all that the database can have unless given.")
	private @Nullable List<String> scenarios;

	@Option(names = "--flush", split = ",",
			description = "What commits wait for: ${COMPLETION-CANDIDATES}; all that the database can have unless given.")
	private @Nullable List<Flush> flushes;

	@Option(names = "--libraries", split = ",",
			description = "Who takes part: ${COMPLETION-CANDIDATES}; all that the database can have unless given.")
	private @Nullable List<Library> libraries;

	@Option(names = "--rounds", description = "How often everything is measured, in turn.")
	private int rounds = 5;

	@Option(names = "--seconds", description = "How long a measurement is.")
	private double seconds = 4;

	@Option(names = "--warm-up",
			description = "Seconds to run before a measurement counts, again and again until the JIT compilers rest.")
	private double warmUp = 2;

	@Option(names = "--poll", description = "Milliseconds between two attempts of the other libraries.")
	private long pollMillis = Terms.POLL.toMillis();

	@Option(names = "--small", description = "Few keys, callers and rows: only to see that it runs.")
	private boolean small;

	@Option(names = "--property",
			description = "A property for one more contender: this library with these properties. May be repeated.")
	private Map<String, String> properties = Map.of();

	@Option(names = "--out", description = "Where to write results.json, results.md and results.svg.")
	private Path out = Path.of("target", "benchmarks");

	@Option(names = "--page",
			description = "A page of Markdown to put the results into, and the chart beside it, under its name.")
	private @Nullable Path page;

	@Option(names = "--earlier",
			description = "The JSON of an earlier run, for the scenarios that this one leaves out.")
	private @Nullable Path earlier;

	@Spec
	@SuppressWarnings("NullAway.Init") // set before the command is called
	private CommandSpec spec;

	/** Measures, and exits with 0 if that was possible, whatever the numbers are. */
	public static void main(String[] arguments) {
		System
			.exit(new CommandLine(new BenchmarkCommand()).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
	}

	@Override
	public Integer call() throws Exception {
		PrintWriter progress = this.spec.commandLine().getErr();
		List<Scenario> scenarios = possible(
				(this.scenarios != null) ? this.scenarios.stream().map(Scenarios::of).toList() : null, Scenarios.all(),
				(scenario) -> scenario.products().contains(this.product), (scenario) -> "scenario " + scenario.id());
		List<Flush> flushes = possible(this.flushes, List.of(Flush.values()), this.product.flushes()::contains,
				(flush) -> "setting for a " + flush.title());
		BenchmarkRun run = new BenchmarkRun(this.product, conditions(), (line) -> {
			progress.println(line);
			progress.flush();
		});
		RunReport report = run.run(scenarios, flushes);
		if (this.earlier != null) {
			report = report.supplementedBy(Json.read(this.earlier));
		}
		write(report);
		return CommandLine.ExitCode.OK;
	}

	private void write(RunReport report) throws IOException {
		String markdown = Markdown.of(report);
		Files.createDirectories(this.out);
		Files.writeString(this.out.resolve("results.json"), Json.of(report));
		Files.writeString(this.out.resolve("results.md"), markdown);
		Files.writeString(this.out.resolve("results.svg"), Chart.of(report));
		if (this.page != null) {
			Page.at(this.page).show(report);
		}
		this.spec.commandLine().getOut().println(markdown);
	}

	private Conditions conditions() {
		return new Conditions(this.rounds, duration(this.warmUp), duration(this.seconds),
				Duration.ofMillis(this.pollMillis), contenders(), this.small ? Scale.small() : Scale.full());
	}

	private List<Contender> contenders() {
		List<Library> libraries = possible(this.libraries, List.of(Library.values()),
				(library) -> library.runsOn(this.product), Library::title);
		List<Contender> contenders = new ArrayList<>(libraries.stream().map(Contender::of).toList());
		if (!this.properties.isEmpty()) {
			contenders.add(0, new Contender(Library.CROSSPROCESSLOCK.title() + " " + this.properties,
					Library.CROSSPROCESSLOCK, Map.copyOf(this.properties)));
		}
		return contenders;
	}

	/** What was asked for, or else all there is. */
	private <T> List<T> possible(@Nullable List<T> asked, List<T> all, Predicate<T> isPossible,
			Function<T, String> name) {
		if (asked == null) {
			return all.stream().filter(isPossible).toList();
		}
		asked.stream().filter(isPossible.negate()).findFirst().ifPresent((one) -> {
			throw new CommandLine.ParameterException(this.spec.commandLine(),
					"There is no " + name.apply(one) + " on " + this.product.title());
		});
		return asked;
	}

	private static Duration duration(double seconds) {
		return Duration.ofNanos((long) (seconds * 1e9));
	}

}
