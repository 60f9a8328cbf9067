package org.crossprocesslock.web;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The fencing token, and the storage that keeps it. */
@InBrowser
class TokenTests {

	/** The record of the last token, to read it and to write it. */
	private static final String RECORD = """
			const record = (value) => new Promise((resolve, reject) => {
				const opening = indexedDB.open("cross-process-lock", 1);
				opening.onupgradeneeded = () => opening.result.createObjectStore("tokens");
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const transaction = opening.result.transaction("tokens", "readwrite");
					const tokens = transaction.objectStore("tokens");
					const asked = (value === undefined) ? tokens.get("last") : tokens.put(value, "last");
					transaction.oncomplete = () => { opening.result.close(); resolve(asked.result); };
				};
			});
			""";

	private final Browser browser;

	TokenTests(Browser browser) {
		this.browser = browser;
	}

	@Test
	void tokensGrowOverTabsReloadsAndRounds() {
		Tab one = this.browser.open();
		Tab other = this.browser.open();
		long last = 0;
		for (int i = 0; i < 3; i++) {
			for (Tab tab : List.of(one, other)) {
				last = assertGreater(token(tab, "grows"), last);
				last = assertGreater(token(tab, "another-key"), last);
			}
			one.go(this.browser.site().page());
		}
		long now = System.currentTimeMillis();
		assertThat(last / 1000).as("microseconds since 1970").isBetween(now - 60_000, now + 60_000);
	}

	@Test
	void tokensGrowFasterThanTheClock() {
		Tab tab = this.browser.open();
		assertThat(tab.run("""
				const now = Date.now();
				const tokens = [];
				Date.now = () => now - 60_000 * tokens.length;
				for (let i = 0; i < 5; i++) {
					await locks.withLock("clock", 0, (guard) => tokens.push(guard.fencingToken));
				}
				return tokens.slice(1).map((token, index) => token - tokens[index]);
				""")).isEqualTo(List.of(1L, 1L, 1L, 1L));
	}

	@Test
	void tokensGoOnFromTheClockWhenTheStorageWasCleared() {
		Tab tab = this.browser.open();
		long before = token(tab, "cleared");
		clearData(tab);
		assertGreater(token(this.browser.open(), "cleared"), before);
	}

	/** In Chromium pages from before and from after have different sets of locks. */
	@Test
	void aPageWhoseDataWasClearedLosesItsLocksAndGetsNoMoreUntilItIsReloaded() {
		Tab holder = this.browser.open();
		holder.hold("cleared");
		holder.run("guard.onLost((error) => window.lost = error.message);");
		Tab waiting = this.browser.open();
		waiting.start(
				"locks.lock('cleared', 60000).then(() => window.outcome = 'got', (error) => window.outcome = error);");
		waiting.awaitWaiting("cleared", 1);
		Tab tried = this.browser.open();
		assertThat(tried.isFree("cleared")).isFalse();
		clearData(holder);
		Tab later = this.browser.open();
		later.hold("cleared");
		holder.await("window.lost?.includes('the data of the site is cleared')");
		assertThat(holder.isHeld()).isFalse();
		waiting.await("window.outcome");
		assertThat(waiting.run("return outcome.name;")).isEqualTo("LockStoreError");
		for (Tab old : List.of(holder, waiting, tried)) {
			assertThat(old.run("return (await locks.tryLock('another').catch((error) => error)).message;"))
				.isEqualTo("Key 'another' was not acquired, since its fencing token could not be written to IndexedDB: "
						+ "Error: the data of this site was cleared while this page was open; reload the page");
			old.go(this.browser.site().page());
			assertThat(old.isFree("cleared")).isFalse();
			assertThat(old.isFree("another")).isTrue();
		}
		assertThat(later.isHeld()).isTrue();
	}

	@Test
	void aDatabaseThatThePageDeletesCountsAsCleared() {
		Tab tab = this.browser.open();
		tab.hold("deleted");
		tab.run("""
				await new Promise((settle, fail) => {
					const deletion = indexedDB.deleteDatabase("cross-process-lock");
					deletion.onsuccess = settle;
					deletion.onerror = fail;
				});
				""");
		tab.await("!guard.isHeld()");
		assertThat(tab.run("return (await locks.tryLock('deleted').catch((error) => error)).name;"))
			.isEqualTo("LockStoreError");
		assertThat(this.browser.open().isFree("deleted")).isTrue();
	}

	@Test
	void aStorageThatFailsIsAnErrorAndNotBusyAndLeavesNothingHeld() {
		Tab tab = this.browser.open();
		tab.run("""
				window.open = IDBFactory.prototype.open;
				IDBFactory.prototype.open = () => { throw new DOMException("no room", "QuotaExceededError"); };
				""");
		assertThat(tab.run("""
				const error = await locks.tryLock("fails").catch((error) => error);
				return [error instanceof locks.LockStoreError, error instanceof locks.LockError, error.name, error.key,
					error.cause.name, error.message];
				""")).isEqualTo(List.of(true, true, "LockStoreError", "fails", "QuotaExceededError",
				"Key 'fails' was not acquired, since its fencing token could not be written to IndexedDB: "
						+ "QuotaExceededError: no room"));
		assertThat(this.browser.open().isFree("fails")).isTrue();
		tab.run("IDBFactory.prototype.open = window.open;");
		assertThat(tab.isFree("fails")).isTrue();
	}

	@Test
	void aStorageThatNeverAnswersIsAnErrorAfterTenSeconds() {
		Tab tab = this.browser.open();
		assertThat(
				tab.run("""
						let delay = 0;
						IDBFactory.prototype.open = () => ({});
						let now = 0;
						performance.now = () => now;
						globalThis.setTimeout = (action, rest) => queueMicrotask(() => { now += rest; delay += rest; action(); });
						const error = await locks.lock("silent", 0).catch((error) => error);
						return [error.name, error.cause.message, delay];
						"""))
			.isEqualTo(List.of("LockStoreError", "no answer in 10000 ms", 10_000L));
		assertThat(this.browser.open().isFree("silent")).isTrue();
	}

	@Test
	void aRecordThatIsNoTokenIsRefusedAndNotOverwritten() {
		Tab tab = this.browser.open();
		for (String damaged : List.of("'x'", "Infinity", "2 ** 53", "Number.MAX_SAFE_INTEGER", "1.5")) {
			assertThat(tab.run(RECORD + """
					await record(%s);
					const error = await locks.tryLock("damaged").catch((error) => error);
					return [error.name, await record() === %1$s];
					""".formatted(damaged))).as(damaged).isEqualTo(List.of("LockStoreError", true));
		}
		clearData(tab);
		assertThat(this.browser.open().isFree("damaged")).isTrue();
	}

	private void clearData(Tab tab) {
		tab.select()
			.executeCdpCommand("Storage.clearDataForOrigin",
					Map.of("origin", this.browser.site().origin("localhost"), "storageTypes", "all"));
	}

	private static long token(Tab tab, String key) {
		return (Long) Objects
			.requireNonNull(tab.run("return locks.withLock(args[0], 30000, (guard) => guard.fencingToken);", key));
	}

	private static long assertGreater(long token, long last) {
		assertThat(token).isGreaterThan(last);
		return token;
	}

}
