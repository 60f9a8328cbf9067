package org.crossprocesslock.web;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

import org.openqa.selenium.WindowType;
import org.openqa.selenium.bidi.browsingcontext.BrowsingContext;
import org.openqa.selenium.bidi.browsingcontext.CreateContextParameters;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/**
 * A headless Chromium with an empty profile, and a site for it to visit.
 */
final class Browser implements AutoCloseable {

	// says that it knows no DevTools of so new a browser; kept, so that the level is
	private static final Logger seleniumLogger = Logger.getLogger("org.openqa.selenium");

	private static final Duration SCRIPT_LIMIT = Duration.ofSeconds(40);

	private final Site site = Site.start();

	private final Path profile;

	private final ChromeDriver driver;

	private final String firstWindow;

	private String selected;

	private final List<Tab> tabs = new ArrayList<>();

	private Browser(Path binary, Path chromeDriver, Map<String, Object> preferences) {
		seleniumLogger.setLevel(Level.SEVERE);
		try {
			this.profile = Files.createTempDirectory("lock-web");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		ChromeOptions options = new ChromeOptions();
		options.setBinary(binary.toFile());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--disable-dev-shm-usage", "--user-data-dir=" + this.profile,
				"--host-resolver-rules=MAP *.test 127.0.0.1");
		options.setExperimentalOption("prefs", preferences);
		options.enableBiDi();
		this.driver = new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(chromeDriver.toFile())
			.usingAnyFreePort()
			.build(), options);
		this.driver.manage().timeouts().scriptTimeout(SCRIPT_LIMIT);
		this.firstWindow = this.driver.getWindowHandle();
		this.selected = this.firstWindow;
	}

	/** A new browser, or empty where none is installed. */
	static Optional<Browser> start(Map<String, Object> preferences) {
		Optional<Path> binary = installed("chromium", "chromium-browser", "google-chrome");
		return installed("chromedriver")
			.flatMap((chromeDriver) -> binary.map((chromium) -> new Browser(chromium, chromeDriver, preferences)));
	}

	private static Optional<Path> installed(String... names) {
		return Stream.of(names)
			.flatMap((name) -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
				.map((directory) -> Path.of(directory, name)))
			.filter(Files::isExecutable)
			.findFirst();
	}

	Site site() {
		return this.site;
	}

	ChromeDriver select(String window) {
		if (!window.equals(this.selected)) {
			this.driver.switchTo().window(window);
			this.selected = window;
		}
		return this.driver;
	}

	/** A new tab on a page that has loaded the module. */
	Tab open() {
		return open(this.site.page());
	}

	Tab open(String url) {
		select(this.firstWindow).switchTo().newWindow(WindowType.TAB);
		this.selected = this.driver.getWindowHandle();
		Tab tab = tab(this.selected);
		tab.go(url);
		return tab;
	}

	/** A tab of a profile of its own, as in a private window. */
	Tab openPrivate() {
		String profile = new org.openqa.selenium.bidi.module.Browser(this.driver).createUserContext();
		Tab tab = tab(new BrowsingContext(this.driver, new CreateContextParameters(WindowType.TAB).userContext(profile))
			.getId());
		tab.go(this.site.page());
		return tab;
	}

	private Tab tab(String window) {
		Tab tab = new Tab(this, window);
		this.tabs.add(tab);
		return tab;
	}

	void closeTabs() {
		this.tabs.forEach(Tab::close);
		this.tabs.clear();
	}

	@Override
	public void close() {
		this.driver.quit();
		this.site.close();
		try (Stream<Path> files = Files.walk(this.profile)) {
			files.sorted((one, other) -> other.compareTo(one)).map(Path::toFile).forEach(File::delete);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
