package org.crossprocesslock.benchmarks.worker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How further Java virtual machines are started. */
public final class JavaCommand {

	private JavaCommand() {
	}

	/**
	 * A process that runs a main class on the JVM of this one. What it prints to standard
	 * error is printed by this process.
	 * @param classPath where its classes are
	 * @param options options of the JVM
	 * @param main the main class
	 * @param arguments its arguments
	 * @return the process, not yet started
	 */
	public static ProcessBuilder of(ClassPath classPath, List<String> options, Class<?> main, String... arguments) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(options);
		command.addAll(List.of("-cp", classPath.toString(), main.getName()));
		command.addAll(List.of(arguments));
		return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
	}

}
