package org.crossprocesslock.web;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Two tabs and more that want the same key. */
@InBrowser
class LockTests {

	/** What became of the promise, as text. */
	private static final String OUTCOME = """
			const outcome = (promise) => promise.then((value) => `got ${value?.key}`, (error) => `${error.name ?? error}`);
			""";

	private final Browser browser;

	LockTests(Browser browser) {
		this.browser = browser;
	}

	@Test
	void aKeyIsHeldInOneTabOnlyAndGoesToTheNextWhenItIsClosed() {
		Tab one = this.browser.open();
		Tab other = this.browser.open();
		one.hold("handover");
		assertThat(other.isFree("handover")).isFalse();
		assertThat(other.isFree("another")).isTrue();
		other.queue("handover");
		assertThat(one.isHeld()).isTrue();
		assertThat(other.isHeld()).isFalse();
		one.closeGuard();
		other.await("window.guard?.isHeld()");
		assertThat(one.isHeld()).isFalse();
	}

	@Test
	void waitingTabsAreServedInTheOrderOfTheirArrival() {
		List<Tab> tabs = List.of(this.browser.open(), this.browser.open(), this.browser.open());
		Tab holder = this.browser.open();
		holder.hold("order");
		for (int i = 0; i < tabs.size(); i++) {
			long before = holder.waiting("order");
			tabs.get(i).start("""
					await locks.withLock("order", 60000, () => localStorage.order = (localStorage.order ?? "") + %s);
					""".formatted(i));
			holder.awaitWaiting("order", before + 1);
		}
		holder.closeGuard();
		holder.await("localStorage.order?.length === 3");
		assertThat(holder.run("return localStorage.order;")).isEqualTo("012");
	}

	@Test
	void workUnderALockIsNeverDoneByTwoTabsAtOnce() {
		List<Tab> tabs = List.of(this.browser.open(), this.browser.open(), this.browser.open());
		tabs.get(0).run("localStorage.counter = 0;");
		tabs.forEach((tab) -> tab.start("""
				const rounds = Array.from({ length: 40 }, () => locks.withLock("counter", 60000, async () => {
					const read = Number(localStorage.counter);
					await new Promise((soon) => setTimeout(soon, Math.random() * 3));
					localStorage.counter = read + 1;
				}));
				await Promise.all(rounds);
				window.done = true;
				"""));
		tabs.forEach((tab) -> tab.await("window.done"));
		assertThat(tabs.get(0).run("return localStorage.counter;")).isEqualTo("120");
	}

	@Test
	void aRequestRightBehindACloseOfTheSameTabFindsTheKeyFree() {
		assertThat(this.browser.open().run("""
				for (let i = 0; i < 100; i++) {
					(await locks.tryLock("again")).close();
					const guard = await locks.tryLock("again");
					if (guard === null) {
						return `busy in round ${i}`;
					}
					guard.close();
				}
				return "always free";
				""")).isEqualTo("always free");
	}

	@Test
	void aHolderThatAsksAgainWaitsLikeAnybody() {
		assertThat(this.browser.open().run(OUTCOME + """
				const guard = await locks.lock("again", 0);
				return [await outcome(locks.tryLock("again")), await outcome(locks.lock("again", 20)), guard.isHeld()];
				""")).isEqualTo(List.of("got undefined", "LockTimeoutError", true));
	}

	@Test
	void aWaitThatWasTooShortIsATimeOutWithKeyAndTime() {
		Tab holder = this.browser.open();
		holder.hold("timeout");
		Tab tab = this.browser.open();
		assertThat(
				tab.run("""
						const before = performance.now();
						const error = await locks.lock("timeout", 150).catch((error) => error);
						const waited = performance.now() - before;
						return [error instanceof locks.LockTimeoutError, error instanceof locks.LockError, error.name, error.key,
								error.waited >= 150 && error.waited <= waited + 1, error.message.replace(/\\d+/, "N")];
						"""))
			.isEqualTo(List.of(true, true, "LockTimeoutError", "timeout", true,
					"Key 'timeout' was busy for the whole wait of N ms; wait longer, or do without the work this time"));
		assertThat(tab.waiting("timeout")).isZero();
		assertThat(tab.run("return (await locks.lock('timeout', 0).catch((error) => error)).name;"))
			.isEqualTo("LockTimeoutError");
	}

	@Test
	void aFreeKeyIsTakenHoweverShortTheWait() {
		assertThat(this.browser.open().run("""
				for (let i = 0; i < 50; i++) {
					(await locks.lock("short", i % 2 ? 0 : Number.MIN_VALUE)).close();
				}
				return "taken";
				""")).isEqualTo("taken");
	}

	@Test
	void aVeryLongWaitDoesNotOverflow() {
		assertThat(this.browser.open().run(OUTCOME + """
				const waits = [2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Infinity];
				return Promise.all(waits.map(async (wait, index) => {
					const key = `long-${index}`;
					const guard = await locks.lock(key, 0);
					const waiting = outcome(locks.lock(key, wait));
					const first = await Promise.race([waiting, new Promise((soon) => setTimeout(soon, 60, "waits"))]);
					guard.close();
					return `${first}, ${await waiting}`;
				}));
				""")).isEqualTo(
				IntStream.range(0, 5).mapToObj((index) -> "waits, got long-" + index).collect(Collectors.toList()));
	}

	@Test
	void aWaitThatIsLongerThanTheLongestTimerEndsInTime() {
		assertThat(this.browser.open().run(OUTCOME + """
				const guard = await locks.lock("days", 0);
				let day = 0;
				const delays = [];
				const realTimeout = setTimeout;
				performance.now = () => day * 86_400_000;
				globalThis.setTimeout = (action, delay) => {
					if (delay < 86_400_000) {
						return realTimeout(action, delay);
					}
					delays.push(delay);
					day += delay / 86_400_000;
					queueMicrotask(action);
				};
				const result = await outcome(locks.lock("days", 60 * 86_400_000));
				return [result, day, delays.length, Math.max(...delays) < 2 ** 31];
				""")).isEqualTo(List.of("LockTimeoutError", 60L, 3L, true));
	}

	@Test
	void anArgumentThatIsNotAllowedIsRefusedByThePromise() {
		Tab tab = this.browser.open();
		Stream
			.of("lock('key')", "lock('key', undefined)", "lock('key', null)", "lock('key', '5s')", "lock('key', '5')",
					"lock('key', -1)", "lock('key', NaN)", "lock('key', -Infinity)", "lock('key', 5n)",
					"lock('key', { signal: new AbortController().signal })", "lock('key', 5, { steal: true })",
					"lock('key', 5, { mode: 'shared' })", "lock('key', 5, null)", "tryLock('key', { singal: null })",
					"lock('key', 5, new AbortController().signal)", "lock('key', 5, { signal: new AbortController() })",
					"withLock('key', 5)", "withLock('key', () => 1)", "tryLock()", "tryLock(5)", "tryLock('!')",
					"lock('!', 5)", "leader('!')", "withLock('!', 5, () => 1)", "tryLock(new String('key'))")
			.forEach((call) -> assertThat(
					tab.run("return (await locks.%s.catch((error) => error)).name;".formatted(call)))
				.as(call)
				.isEqualTo("TypeError"));
		assertThat(tab.isFree("key")).isTrue();
	}

	@Test
	void closingTwiceIsHarmless() {
		Tab tab = this.browser.open();
		tab.hold("twice");
		tab.run("guard.close(); guard.close();");
		Tab other = this.browser.open();
		other.hold("twice");
		tab.run("guard.close();");
		assertThat(other.isHeld()).isTrue();
		assertThat(tab.isFree("twice")).isFalse();
		assertThat(tab.run("try { guard.checkHeld(); } catch (error) { return error.message; }"))
			.isEqualTo("The guard of key 'twice' is closed");
	}

	@Test
	void aBlockWithUsingReleasesAtItsEnd() {
		Tab tab = this.browser.open();
		assertThat(tab.run("""
				if (Symbol.dispose === undefined) {
					return [true, false];
				}
				let guard;
				// the syntax is newer than the symbol
				await new Function("locks", "keep", `return (async () => {
					{ using guard = await locks.lock("using", 0); keep(guard, guard.isHeld()); }
				})()`)(locks, (kept) => guard = kept);
				return [true, guard.isHeld()];
				""")).isEqualTo(List.of(true, false));
		assertThat(tab.isFree("using")).isTrue();
	}

	@Test
	void workUnderALockAnswersOrFailsAndThenReleases() {
		Tab tab = this.browser.open();
		assertThat(
				tab.run("""
						const answer = await locks.withLock("work", 0, async (guard) => `${guard.key} ${guard.isHeld()}`);
						const failure = await locks.withLock("work", 0, () => { throw new Error("mine"); }).catch((error) => error);
						const early = await locks.withLock("work", 0, (guard) => { guard.close(); return "closed"; });
						return [answer, failure.message, early];
						"""))
			.isEqualTo(List.of("work true", "mine", "closed"));
		assertThat(tab.isFree("work")).isTrue();
	}

}
