package org.crossprocesslock.web;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.openqa.selenium.chrome.ChromeDriver;

/** A tab of the browser. */
final class Tab {

	private final Browser browser;

	private final String window;

	private boolean closed;

	Tab(Browser browser, String window) {
		this.browser = browser;
		this.window = window;
	}

	/**
	 * Runs the body of an asynchronous function and waits for its end. It sees the module
	 * as {@code locks} and what follows it as {@code args}.
	 */
	@Nullable Object run(String body, @Nullable Object... args) {
		Object answer = select().executeAsyncScript("""
				const [body, ...args] = [...arguments].slice(0, -1);
				const done = arguments[arguments.length - 1];
				const told = (error) => done({ error: `${error} ${error?.stack}` });
				new Function("locks", "args", `return (async () => {${body}})()`)(window.locks, args)
					.then((value) => done({ value }), told);
				""", Stream.concat(Stream.of(body), Stream.of(args)).toArray());
		Map<?, ?> result = (Map<?, ?>) Objects.requireNonNull(answer);
		if (result.containsKey("error")) {
			throw new AssertionError("In the tab: " + result.get("error"));
		}
		return result.get("value");
	}

	/** Starts the body of an asynchronous function and does not wait for its end. */
	void start(String body) {
		select().executeScript("""
				new Function("locks", `(async () => {${arguments[0]}})()`)(window.locks);
				""", body);
	}

	/** Waits until the expression is true. */
	void await(String expression) {
		run("while (!await (async () => %s)()) await new Promise((soon) => setTimeout(soon, 5));"
			.formatted(expression));
	}

	/** Holds the key until the tab ends or closes {@code guard}. */
	void hold(String key) {
		run("window.guard = await locks.lock(args[0], 30000);", key);
	}

	/** Begins to wait for the key, which becomes {@code guard}, and is in the queue. */
	void queue(String key) {
		long before = waiting(key);
		start("window.guard = undefined; window.guard = await locks.lock('%s', 60000);".formatted(key));
		awaitWaiting(key, before + 1);
	}

	/**
	 * Waits until so many wait for the key. Those of other tests may still be in the
	 * list, whose tabs were closed a moment ago.
	 */
	void awaitWaiting(String key, long number) {
		await("(await locks.listLocks()).waiting.filter(({ key }) => key === '%s').length === %s".formatted(key,
				number));
	}

	long waiting(String key) {
		return (Long) Objects.requireNonNull(
				run("return (await locks.listLocks()).waiting.filter(({ key }) => key === args[0]).length;", key));
	}

	void closeGuard() {
		run("guard.close();");
	}

	/** Whether the key can be had at this moment. Gives it back. */
	boolean isFree(String key) {
		return Boolean.TRUE
			.equals(run("const guard = await locks.tryLock(args[0]); guard?.close(); return guard !== null;", key));
	}

	boolean isHeld() {
		return Boolean.TRUE.equals(run("return Boolean(window.guard?.isHeld());"));
	}

	void go(String url) {
		select().get(url);
	}

	void back() {
		select().navigate().back();
	}

	/** Has Chromium freeze the page as it does with tabs in the background. */
	void freeze() {
		lifecycle("frozen");
	}

	void resume() {
		lifecycle("active");
	}

	private void lifecycle(String state) {
		select().executeCdpCommand("Page.setWebLifecycleState", Map.of("state", state));
	}

	void close() {
		if (!this.closed) {
			select().close();
			this.closed = true;
		}
	}

	ChromeDriver select() {
		return this.browser.select(this.window);
	}

}
