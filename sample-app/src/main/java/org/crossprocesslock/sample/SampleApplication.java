package org.crossprocesslock.sample;

import picocli.CommandLine;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.logging.LoggingSystem;

/** A service that gives gapless invoice numbers to orders. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class SampleApplication {

	/**
	 * Runs what the command line says.
	 * @param args see {@code --help}
	 */
	public static void main(String[] args) {
		// H2 shares a database file over a socket; nobody but this host needs it
		System.setProperty("h2.bindAddress", System.getProperty("h2.bindAddress", "127.0.0.1"));
		// silent until Spring Boot has configured it, which the demo never does
		LoggingSystem.get(SampleApplication.class.getClassLoader()).beforeInitialize();
		CommandLine command = SampleCommand.create();
		int exitCode = command.execute(args);
		command.<SampleCommand>getCommand().rethrowAbandoned();
		// a service that has started goes on after its main method
		if (exitCode != 0) {
			System.exit(exitCode);
		}
	}

}
