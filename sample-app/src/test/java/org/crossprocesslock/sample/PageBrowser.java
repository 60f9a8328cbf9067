package org.crossprocesslock.sample;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A real browser for the pages of the sample. */
final class PageBrowser implements AutoCloseable {

	private final ChromeDriver driver;

	/**
	 * Starts the browser, or skips the test where none is installed and none is required.
	 * @param profile an empty directory
	 */
	PageBrowser(Path profile) {
		Optional<Path> chromeDriver = installed("chromedriver");
		Optional<Path> chromium = installed("chromium", "chromium-browser", "google-chrome");
		boolean required = "required".equals(System.getenv("BROWSER_TESTS"));
		assumeTrue(required || (chromeDriver.isPresent() && chromium.isPresent()), "No browser is installed");
		ChromeOptions options = new ChromeOptions();
		options.setBinary(chromium.orElseThrow().toFile());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--disable-dev-shm-usage", "--user-data-dir=" + profile);
		this.driver = new ChromeDriver(
				new ChromeDriverService.Builder().usingDriverExecutable(chromeDriver.orElseThrow().toFile())
					.usingAnyFreePort()
					.build(),
				options);
		this.driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
	}

	ChromeDriver driver() {
		return this.driver;
	}

	@Nullable Object evaluate(String expression) {
		return this.driver.executeScript("return " + expression);
	}

	/** Waits until an expression is true. */
	void await(String expression) {
		this.driver.executeAsyncScript("""
				const done = arguments[0];
				const look = () => (%s) ? done() : setTimeout(look, 20);
				look();
				""".formatted(expression));
	}

	/** Shows pages in a window of a size, in light or dark. */
	void show(int width, int height, String colorScheme) {
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colorScheme))));
	}

	/** Keeps a picture of the page among the results of the build. */
	void picture(String name) throws IOException {
		Path pictures = Files.createDirectories(Path.of("target", "pictures"));
		Files.write(pictures.resolve(name + ".png"), this.driver.getScreenshotAs(OutputType.BYTES));
	}

	@Override
	public void close() {
		this.driver.quit();
	}

	private static Optional<Path> installed(String... names) {
		return Stream.of(names)
			.flatMap((name) -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
				.map((directory) -> Path.of(directory, name)))
			.filter(Files::isExecutable)
			.findFirst();
	}

}
