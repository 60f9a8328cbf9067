package org.crossprocesslock.sample;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page of the locks in a real browser, on processes of the demo of which one is
 * killed.
 */
@Timeout(240)
class LocksPageTests {

	private static final Pattern ADDRESS = Pattern.compile("Open (http://localhost:\\d+/\\?processes=[\\d,]+) .*");

	private static final int PHONE = 390;

	private final Path directory;

	LocksPageTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	@Tag("full")
	void pageShowsWhoHasTheLockAndWhoTakesOverWhenAProcessIsKilled() throws Exception {
		Process demo = demo(60);
		try (PageBrowser page = new PageBrowser(this.directory.resolve("profile"));
				BufferedReader lines = demo.inputReader(StandardCharsets.UTF_8)) {
			page.show(1000, 900, "light");
			page.driver().get(address(lines));
			page.await("document.querySelectorAll('#processes li:not(.silent):not(.stranger)').length === 3");
			page.await(cell(1) + ".includes('@') && " + cell(3) + ".includes(' s')");
			assertThat(page.evaluate(cell(0))).isEqualTo("invoice-numbers");
			assertThat(page.evaluate(cell(4))).asString().matches("\\d{16}");
			page.await(
					"[...document.querySelectorAll('#processes p')].some((p) => p.textContent.startsWith('Heartbeat'))");
			page.picture("locks-light");
			page.show(1000, 900, "dark");
			// at once, since another takes its place
			page.await(news("does not answer any more")
					+ " && document.querySelector('#processes li.silent:not(.quiet)')");
			page.picture("locks-dark-killed");
			page.await(news("has taken over invoice-numbers"));
			page.show(PHONE, 1600, "light");
			assertThat((Long) page.evaluate("document.documentElement.scrollWidth")).isLessThanOrEqualTo(PHONE);
			page.picture("locks-phone");
			assertThat(reachedByTab(page)).contains("invoices.html", "actuator/crossprocesslocks");
			List<String> left = lines.lines().toList();
			assertThat(left).anyMatch((line) -> line.contains("is killed in the middle of its work"))
				.last()
				.asString()
				.startsWith("VERDICT ok: 60 orders, 60 invoices, 0 gaps, 0 duplicates, take-over after ");
			assertThat(demo.waitFor()).isZero();
			page.await("document.getElementById('heard').textContent === '0 of 3 processes answer'");
		}
		finally {
			demo.destroyForcibly();
		}
	}

	@Test
	@Tag("full")
	@DisabledOnOs(OS.WINDOWS)
	void nothingIsLeftWhenTheDemoIsInterrupted() throws Exception {
		Process demo = demo(1000);
		try (BufferedReader lines = demo.inputReader(StandardCharsets.UTF_8)) {
			address(lines);
			List<ProcessHandle> processes = demo.descendants().toList();
			assertThat(processes).hasSize(3);
			new ProcessBuilder("kill", "-INT", Long.toString(demo.pid())).inheritIO().start().waitFor();
			demo.waitFor();
			for (ProcessHandle process : processes) {
				process.onExit().get();
			}
			assertThat(this.directory).isDirectoryNotContaining("glob:**/sample-demo*");
		}
		finally {
			demo.destroyForcibly();
		}
	}

	private static String address(BufferedReader lines) throws IOException {
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			Matcher matcher = ADDRESS.matcher(line);
			if (matcher.matches()) {
				return matcher.group(1);
			}
		}
		throw new AssertionError("The demo has not said where to look");
	}

	private static String cell(int column) {
		return "(document.querySelectorAll('#keys td')[" + column + "]?.textContent ?? '')";
	}

	private static String news(String text) {
		return "document.getElementById('news').textContent.includes('" + text + "')";
	}

	private static String reachedByTab(PageBrowser page) {
		StringBuilder reached = new StringBuilder();
		for (int i = 0; i < 8; i++) {
			page.driver().switchTo().activeElement().sendKeys(Keys.TAB);
			reached.append(page.evaluate("document.activeElement.getAttribute('href')")).append(' ');
		}
		return reached.toString();
	}

	private Process demo(int orders) throws IOException {
		StringBuilder file = new StringBuilder("reference,customer,ordered_on,item,quantity,amount\n");
		for (int i = 1; i <= orders; i++) {
			file.append("A-").append(i).append(",Huber,2026-01-31,Chair,1,10\n");
		}
		Path csv = Files.writeString(this.directory.resolve("orders.csv"), file);
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + this.directory, "-cp",
				System.getProperty("java.class.path"), SampleApplication.class.getName(), "demo", "--browser",
				"--orders", csv.toString())
			.redirectErrorStream(true)
			.start();
	}

}
