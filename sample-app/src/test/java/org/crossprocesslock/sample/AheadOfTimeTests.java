package org.crossprocesslock.sample;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplicationAotProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the service can be processed ahead of time, and what comes out of that
 * starts and numbers its orders under its lock.
 */
@Tag("full")
class AheadOfTimeTests {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private final Path directory;

	private final String classes;

	AheadOfTimeTests(@TempDir Path directory) {
		this.directory = directory;
		this.classes = System.getProperty("java.class.path");
	}

	@Test
	@Timeout(300)
	void serviceThatWasProcessedAheadOfTimeNumbersUnderItsLock() throws Exception {
		String generated = process();
		Process service = java("service.log", "-Dspring.aot.enabled=true", "-cp", generated, application(),
				"--server.port=0", "--spring.datasource.url=jdbc:h2:mem:aot", "--sample.rendering-time=0ms");
		try {
			String address = "http://localhost:" + port(service);
			while (get(address + "/report").contains("\"invoices\":0,")) {
				TimeUnit.MILLISECONDS.sleep(50);
			}
			assertThat(get(address + "/actuator/crossprocesslocks?store=keys")).contains("\"backend\":\"jdbc\"",
					"{\"key\":\"invoice-numbers\",\"token\":");
			assertThat(log("service.log")).contains("Starting AOT-processed SampleApplication");
		}
		finally {
			service.destroyForcibly().waitFor();
		}
	}

	/** Answers the class path with what was generated. */
	private String process() throws Exception {
		String sources = this.directory.resolve("sources").toString();
		String output = this.directory.resolve("classes").toString();
		Process processing = java("processing.log", "-cp", this.classes, SpringApplicationAotProcessor.class.getName(),
				application(), sources, output, output, "org.crossprocesslock", "sample-app");
		assertThat(processing.waitFor()).as(log("processing.log")).isZero();
		List<String> arguments = new ArrayList<>(List.of("-nowarn", "-proc:none", "-parameters", "-d", output, "-cp",
				output + File.pathSeparator + this.classes));
		try (Stream<Path> files = Files.walk(Path.of(sources))) {
			files.map(Path::toString).filter((file) -> file.endsWith(".java")).forEach(arguments::add);
		}
		assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
			.isZero();
		return output + File.pathSeparator + this.classes;
	}

	private static String application() {
		return SampleApplication.class.getName();
	}

	private Process java(String log, String... arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
		command.addAll(List.of(arguments));
		return new ProcessBuilder(command).directory(this.directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(this.directory.resolve(log).toFile())
			.start();
	}

	private String log(String log) throws IOException {
		return Files.readString(this.directory.resolve(log));
	}

	private String port(Process service) throws Exception {
		while (true) {
			Matcher found = PORT.matcher(log("service.log"));
			if (found.find()) {
				return found.group(1);
			}
			assertThat(service.isAlive()).as(log("service.log")).isTrue();
			TimeUnit.MILLISECONDS.sleep(50);
		}
	}

	private static String get(String address) throws Exception {
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
			.body();
	}

}
