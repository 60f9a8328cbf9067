package org.crossprocesslock.web;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Requests that are given up, before, while and after they are granted. */
@InBrowser
class AbortTests {

	/**
	 * Has the browser ignore that a request is given up, and answer only when the gate
	 * opens.
	 */
	private static final String LATE_GRANTS = """
			const request = navigator.locks.request.bind(navigator.locks);
			let open;
			const gate = new Promise((settle) => open = settle);
			navigator.locks.request = (name, { ifAvailable, signal }, callback) => {
				const answer = request(name, { ifAvailable }, async (lock) => {
					if (!ifAvailable) {
						await gate;
					}
					return callback(lock);
				});
				return Promise.race([answer, new Promise((_, reject) =>
					signal?.addEventListener("abort", () => reject(signal.reason)))]);
			};
			""";

	private final Browser browser;

	AbortTests(Browser browser) {
		this.browser = browser;
	}

	@Test
	void anAbortedSignalEndsTheRequestBeforeItBegins() {
		Tab tab = this.browser.open();
		assertThat(tab.run("""
				let asked = false;
				const request = navigator.locks.request;
				navigator.locks.request = (...args) => { asked = true; return request.apply(navigator.locks, args); };
				const signal = AbortSignal.abort("enough");
				const calls = [locks.tryLock("before", { signal }), locks.lock("before", 1000, { signal }),
					locks.leader("before", { signal }), locks.withLock("before", 1000, () => 1, { signal })];
				const reasons = (await Promise.allSettled(calls)).map(({ reason }) => reason);
				navigator.locks.request = request;
				return [...reasons, asked];
				""")).isEqualTo(List.of("enough", "enough", "enough", "enough", false));
		assertThat(tab.isFree("before")).isTrue();
	}

	@Test
	void anAbortEndsTheWait() {
		Tab holder = this.browser.open();
		holder.hold("while");
		Tab tab = this.browser.open();
		assertThat(tab.run("""
				const controller = new AbortController();
				const calls = [locks.lock("while", 60000, { signal: controller.signal }),
					locks.leader("while", { signal: controller.signal })];
				while ((await locks.listLocks()).waiting.filter(({ key }) => key === "while").length < 2) {
					await new Promise((soon) => setTimeout(soon, 5));
				}
				controller.abort();
				const results = await Promise.allSettled(calls);
				const timeout = AbortSignal.timeout(30);
				results.push(...await Promise.allSettled([locks.lock("while", 60000, { signal: timeout })]));
				return results.map(({ reason }) => reason.name);
				""")).isEqualTo(List.of("AbortError", "AbortError", "TimeoutError"));
		assertThat(tab.waiting("while")).isZero();
		holder.closeGuard();
		assertThat(tab.isFree("while")).isTrue();
	}

	@Test
	void anAbortAfterTheGuardWasHandedOutDoesNothing() {
		Tab tab = this.browser.open();
		tab.run("""
				window.controller = new AbortController();
				window.guard = await locks.lock("after", 1000, { signal: controller.signal });
				controller.abort();
				await new Promise((soon) => setTimeout(soon, 30));
				""");
		assertThat(tab.isHeld()).isTrue();
		assertThat(this.browser.open().isFree("after")).isFalse();
		tab.closeGuard();
	}

	@Test
	void anAbortAtAnyMomentOfTheRequestLeavesNothingHeld() {
		Tab tab = this.browser.open();
		assertThat(tab.run("""
				for (let i = 0; i < 60; i++) {
					const controller = new AbortController();
					const request = locks.lock("moments", 1000, { signal: controller.signal });
					const handedOut = request.then((guard) => guard.close(), (reason) => reason.name);
					await new Promise((soon) => setTimeout(soon, i / 15));
					controller.abort();
					const result = await handedOut;
					if (result !== undefined && result !== "AbortError") {
						return result;
					}
					if ((await locks.listLocks()).held.some(({ key }) => key === "moments")) {
						return `held after round ${i}`;
					}
				}
				return "never held";
				""")).isEqualTo("never held");
	}

	@Test
	void aGrantThatComesAfterTheTimeOutIsReleasedAtOnce() {
		Tab tab = this.browser.open();
		assertThat(tab.run(LATE_GRANTS + """
				const other = await locks.lock("late", 0);
				const error = await locks.lock("late", 20).catch((error) => error);
				other.close();
				window.openTheGate = open;
				return error.name;
				""")).isEqualTo("LockTimeoutError");
		assertReleasedOnceGranted(tab);
	}

	@Test
	void aGrantThatComesAfterTheAbortIsReleasedAtOnce() {
		Tab tab = this.browser.open();
		assertThat(tab.run(LATE_GRANTS
				+ """
						const other = await locks.lock("late", 0);
						const error = await locks.lock("late", 60000, { signal: AbortSignal.timeout(20) }).catch((error) => error);
						other.close();
						window.openTheGate = open;
						return error.name;
						"""))
			.isEqualTo("TimeoutError");
		assertReleasedOnceGranted(tab);
	}

	private void assertReleasedOnceGranted(Tab tab) {
		Tab other = this.browser.open();
		other.await("(await locks.listLocks()).held.some(({ key }) => key === 'late')");
		assertThat(other.isFree("late")).isFalse();
		tab.run("openTheGate();");
		other.hold("late");
		assertThat(other.isHeld()).isTrue();
	}

}
