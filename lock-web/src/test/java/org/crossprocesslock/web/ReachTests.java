package org.crossprocesslock.web;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Whom a lock excludes, and where there are none. */
@InBrowser
class ReachTests {

	/** Asks a worker that was made by the expression. */
	private static final String WORKER = """
			window.ask ??= (worker, question) => new Promise((settle) => {
				const port = worker.port ?? worker;
				port.onmessage = ({ data }) => settle(data.error ?? data.value ?? null);
				port.postMessage(question);
			});
			""";

	/** Waits for the message of a frame with this attribute. */
	private static final String FRAME = """
			const frame = (attributes) => new Promise((settle) => {
				onmessage = ({ data }) => settle(data);
				document.body.append(Object.assign(document.createElement("iframe"), attributes));
			});
			""";

	private final Browser browser;

	ReachTests(Browser browser) {
		this.browser = browser;
	}

	@Test
	void aWorkerAndItsPageAndAnotherTabExcludeEachOther() {
		Tab tab = this.browser.open();
		Tab other = this.browser.open();
		tab.run(WORKER + "window.worker = new Worker('/worker.js', { type: 'module' });");
		assertThat(tab
			.run("return ask(worker, 'globalThis.guard = await locks.lock(\"worker\", 0); return guard.isHeld();');"))
			.isEqualTo(true);
		assertThat(tab.isFree("worker")).isFalse();
		assertThat(other.isFree("worker")).isFalse();
		assertThat(tab.run("return ask(worker, 'guard.close();');")).isNull();
		other.hold("worker");
		assertThat(tab.run("return ask(worker, 'return locks.tryLock(\"worker\");');")).isNull();
		tab.run("ask(worker, 'globalThis.guard = await locks.lock(\"terminated\", 0);'); await null;");
		other.await("(await locks.listLocks()).held.some(({ key }) => key === 'terminated')");
		tab.run("worker.terminate();");
		other.hold("terminated");
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void aSharedWorkerHoldsItsLocksWhileOneOfItsTabsIsThere() {
		Tab tab = this.browser.open();
		Tab other = this.browser.open();
		String shared = WORKER + "window.shared = new SharedWorker('/worker.js', { type: 'module' });";
		tab.run(shared);
		other.run(shared);
		assertThat(tab
			.run("return ask(shared, 'globalThis.guard = await locks.lock(\"shared\", 0); return guard.isHeld();');"))
			.isEqualTo(true);
		tab.close();
		assertThat(other.isFree("shared")).isFalse();
		assertThat(other.run("return ask(shared, 'return guard.isHeld();');")).isEqualTo(true);
		other.go("about:blank");
		Tab third = this.browser.open();
		third.hold("shared");
		assertThat(third.isHeld()).isTrue();
	}

	@Test
	void aServiceWorkerTakesPart() {
		Tab tab = this.browser.open();
		assertThat(tab.run(WORKER + """
				await navigator.serviceWorker.register("/worker.js", { type: "module" });
				const worker = (await navigator.serviceWorker.ready).active;
				const answer = new Promise((settle) => navigator.serviceWorker.onmessage = ({ data }) => settle(data));
				worker.postMessage("globalThis.guard = await locks.lock('service', 0); return guard.isHeld();");
				return (await answer).value;
				""")).isEqualTo(true);
		assertThat(tab.isFree("service")).isFalse();
		tab.run("await (await navigator.serviceWorker.ready).unregister();");
	}

	/** Chromium tells nobody; that is why a worker is refused the leadership. */
	@Test
	void theWorkerOfAFrozenPageKeepsItsLock() {
		Tab tab = this.browser.open();
		Tab other = this.browser.open();
		tab.run(WORKER + """
				window.worker = new Worker("/worker.js", { type: "module" });
				await ask(worker, 'globalThis.guard = await locks.lock("frozen-worker", 0);');
				""");
		tab.freeze();
		assertThat(other.isFree("frozen-worker")).isFalse();
		tab.resume();
		assertThat(tab.run("return ask(worker, 'return locks.leader(\"frozen-worker\");');")).isEqualTo(
				"LocksUnavailableError: A worker cannot be the leader: it gets no event when its page is frozen and "
						+ "would go on leading. Call leader() in the page and send messages to the worker");
	}

	@Test
	void aFrameOfTheOriginTakesPart() {
		Tab tab = this.browser.open();
		tab.hold("frame");
		assertThat(tab.run(FRAME + """
				return frame({ srcdoc: `<script type="module">
					import { tryLock } from "/cross-process-lock/locks.js";
					parent.postMessage([await tryLock("frame"), (await tryLock("frame-2")).key], "*");
				</script>` });
				""")).isEqualTo(Arrays.asList(null, "frame-2"));
		Tab other = this.browser.open();
		assertThat(other.isFree("frame-2")).isFalse();
		tab.run("document.querySelector('iframe').remove();");
		other.hold("frame-2");
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void aFrameOfTheOriginInAPageOfAnotherSiteIsApart() {
		Tab tab = this.browser.open();
		tab.hold("partition");
		Tab foreign = this.browser.open(this.browser.site().page("127.0.0.1"));
		assertThat(foreign.run(FRAME + """
				return frame({ src: args[0] });
				""", this.browser.site().origin("localhost") + "/frame.html?key=partition")).isEqualTo("taken");
	}

	@Test
	void aPrivateContextAndAnotherOriginAreApart() {
		Tab tab = this.browser.open();
		tab.hold("apart");
		assertThat(this.browser.openPrivate().isFree("apart")).isTrue();
		assertThat(this.browser.open(this.browser.site().page("127.0.0.1")).isFree("apart")).isTrue();
		assertThat(this.browser.open().isFree("apart")).isFalse();
	}

	@Test
	void theListShowsWhoHoldsAndWaitsInThisOriginAndNothingElse() {
		Tab tab = this.browser.open();
		// those of the test before, whose tabs were closed a moment ago
		tab.await("(await locks.listLocks().then(({ held, waiting }) => held.length + waiting.length)) === 0");
		tab.hold("listed");
		tab.run("navigator.locks.request('listed', () => new Promise(() => {}));");
		Tab other = this.browser.open();
		other.queue("listed");
		assertThat(tab.run("""
				const { held, waiting } = await locks.listLocks();
				return [held.map(({ key }) => key), waiting.map(({ key }) => key), held[0].holder !== waiting[0].holder,
					typeof held[0].holder];
				""")).isEqualTo(List.of(List.of("listed"), List.of("listed"), true, "string"));
	}

	@Test
	void aLockOfOtherCodeWithTheSameNameIsAnotherLock() {
		Tab tab = this.browser.open();
		tab.run("navigator.locks.request('clash', () => new Promise(() => {})); await navigator.locks.query();");
		assertThat(tab.isFree("clash")).isTrue();
	}

	@Test
	void twoCopiesOfTheModuleInOnePageExcludeEachOther() {
		assertThat(this.browser.open().run("""
				const copy = await import("/cross-process-lock/locks.js?copy");
				const guard = await locks.lock("copies", 0);
				const busy = await copy.tryLock("copies") === null;
				guard.close();
				const last = guard.fencingToken;
				return [copy.tryLock !== locks.tryLock, busy, (await copy.lock("copies", 1000)).fencingToken > last];
				""")).isEqualTo(List.of(true, true, true));
	}

	@Test
	void anInsecureOriginHasNoLocks() {
		Tab tab = this.browser.open(this.browser.site().page("insecure.test"));
		String expected = "LocksUnavailableError: There are no locks on " + this.browser.site().origin("insecure.test")
				+ ", which is not secure; serve the page over https or from localhost";
		for (String call : List.of("tryLock('key')", "lock('key', 1000)", "leader('key')",
				"withLock('key', 1000, () => 'ran')", "listLocks()")) {
			assertThat(tab.run("return locks.%s.then(() => 'ran', String);".formatted(call))).isEqualTo(expected);
		}
		assertThat(tab.run("return locks.tryLock('!').catch((error) => error.name);")).isEqualTo("TypeError");
	}

	@Test
	void anOldBrowserHasNoLocks() {
		assertThat(this.browser.open().run("""
				Object.defineProperty(navigator, "locks", { value: undefined });
				return locks.tryLock("key").catch(String);
				""")).isEqualTo("LocksUnavailableError: There are no locks in this browser; "
				+ "Chrome and Edge 69, Firefox 96, Safari 15.4 and newer have navigator.locks");
	}

	@Test
	void aSandboxedFrameHasNoLocks() {
		assertThat(this.browser.open().run(FRAME + """
				return frame({ sandbox: "allow-scripts", srcdoc: `<script type="module">
					import { tryLock } from "${location.origin}/cross-process-lock/locks.js";
					tryLock("key").then(() => "taken", (error) => error.name + error.cause.name)
						.then((outcome) => parent.postMessage(outcome, "*"));
				</script>` });
				""")).isEqualTo("LocksUnavailableErrorSecurityError");
	}

	@Test
	void aBrowserThatBlocksTheDataOfSitesHasNoLocks() {
		Map<String, Object> blocked = Map.of("profile.default_content_setting_values.cookies", 2);
		try (Browser strict = Browser.start(blocked).orElseThrow()) {
			assertThat(strict.open().run("return locks.tryLock('key').then(() => 'taken', (error) => error.name);"))
				.isEqualTo("LocksUnavailableError");
		}
	}

}
