package org.crossprocesslock.sample;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The live page in two windows of a real browser. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.url=jdbc:h2:mem:live", "sample.rendering-time=0ms" })
@Tag("browser")
@Timeout(120)
class LivePageTests {

	private static final String LEADS = "document.getElementById('role').classList.contains('leads')";

	private static final String POLLS = "performance.getEntriesByName(new URL('report', location)).length";

	@LocalServerPort
	private int port;

	@Test
	void oneWindowAsksTheServerAndTellsTheOther(@TempDir Path profile) {
		Optional<Path> chromeDriver = installed("chromedriver");
		Optional<Path> chromium = installed("chromium", "chromium-browser", "google-chrome");
		boolean required = "required".equals(System.getenv("BROWSER_TESTS"));
		assumeTrue(required || (chromeDriver.isPresent() && chromium.isPresent()), "No browser is installed");
		ChromeDriver browser = start(chromium.orElseThrow(), chromeDriver.orElseThrow(), profile);
		try {
			twoWindows(browser);
		}
		finally {
			browser.quit();
		}
	}

	private void twoWindows(ChromeDriver browser) {
		String url = "http://localhost:" + this.port + "/";
		String first = browser.getWindowHandle();
		browser.get(url);
		await(browser, LEADS + " && " + POLLS + " > 0 && document.getElementById('progress').value > 0");
		browser.switchTo().newWindow(WindowType.WINDOW);
		String second = browser.getWindowHandle();
		browser.get(url);
		await(browser, "document.getElementById('progress').value > 0");
		assertThat(evaluate(browser, LEADS)).isEqualTo(false);
		assertThat(evaluate(browser, POLLS)).as("requests of the window that is told").isEqualTo(0L);

		browser.findElement(By.id("item")).sendKeys(Keys.chord(Keys.CONTROL, "a"), "Table", Keys.ENTER);
		await(browser, "document.getElementById('placed').textContent.endsWith('is placed')");
		await(browser, "document.querySelector('[data-figure=orders]').textContent.endsWith('001')");
		assertThat(evaluate(browser, POLLS)).isEqualTo(0L);

		browser.switchTo().window(first).close();
		browser.switchTo().window(second);
		await(browser, LEADS + " && " + POLLS + " > 0");
	}

	private static @Nullable Object evaluate(ChromeDriver browser, String expression) {
		return browser.executeScript("return " + expression);
	}

	private static void await(ChromeDriver browser, String expression) {
		browser.executeAsyncScript("""
				const done = arguments[0];
				const look = () => (%s) ? done() : setTimeout(look, 20);
				look();
				""".formatted(expression));
	}

	private static ChromeDriver start(Path chromium, Path chromeDriver, Path profile) {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(chromium.toFile());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--disable-dev-shm-usage", "--user-data-dir=" + profile);
		ChromeDriver browser = new ChromeDriver(
				new ChromeDriverService.Builder().usingDriverExecutable(chromeDriver.toFile())
					.usingAnyFreePort()
					.build(),
				options);
		browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
		return browser;
	}

	private static Optional<Path> installed(String... names) {
		return Stream.of(names)
			.flatMap((name) -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
				.map((directory) -> Path.of(directory, name)))
			.filter(Files::isExecutable)
			.findFirst();
	}

}
