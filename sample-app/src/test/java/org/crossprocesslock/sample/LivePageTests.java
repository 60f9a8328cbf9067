package org.crossprocesslock.sample;

import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/** The live page in two windows of a real browser. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.url=jdbc:h2:mem:live", "sample.rendering-time=0ms" })
@Tag("full")
@Timeout(120)
class LivePageTests {

	private static final String LEADS = "document.getElementById('role').classList.contains('leads')";

	private static final String POLLS = "performance.getEntriesByName(new URL('report', location)).length";

	@LocalServerPort
	private int port;

	@Test
	void oneWindowAsksTheServerAndTellsTheOther(@TempDir Path profile) {
		try (PageBrowser browser = new PageBrowser(profile)) {
			twoWindows(browser);
		}
	}

	private void twoWindows(PageBrowser page) {
		ChromeDriver browser = page.driver();
		String url = "http://localhost:" + this.port + "/invoices.html";
		String first = browser.getWindowHandle();
		browser.get(url);
		page.await(LEADS + " && " + POLLS + " > 0 && document.getElementById('progress').value > 0");
		browser.switchTo().newWindow(WindowType.WINDOW);
		String second = browser.getWindowHandle();
		browser.get(url);
		page.await("document.getElementById('progress').value > 0");
		assertThat(page.evaluate(LEADS)).isEqualTo(false);
		assertThat(page.evaluate(POLLS)).as("requests of the window that is told").isEqualTo(0L);

		browser.findElement(By.id("item")).sendKeys(Keys.chord(Keys.CONTROL, "a"), "Table", Keys.ENTER);
		page.await("document.getElementById('placed').textContent.endsWith('is placed')");
		page.await("document.querySelector('[data-figure=orders]').textContent.endsWith('001')");
		assertThat(page.evaluate(POLLS)).isEqualTo(0L);

		browser.switchTo().window(first).close();
		browser.switchTo().window(second);
		page.await(LEADS + " && " + POLLS + " > 0");
	}

}
