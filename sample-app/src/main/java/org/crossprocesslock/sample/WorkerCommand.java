package org.crossprocesslock.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** One process of the demo; started by it, not by people. */
@Command(name = "worker", hidden = true)
final class WorkerCommand implements Callable<Integer> {

	@Unmatched
	private List<String> springArguments = new ArrayList<>();

	@Override
	public Integer call() {
		SpringApplication application = new SpringApplication(SampleApplication.class);
		application.setAdditionalProfiles("worker");
		try (ConfigurableApplicationContext context = application.run(this.springArguments.toArray(String[]::new))) {
			// the numbering is done when run returns
			return 0;
		}
	}

}
