package org.crossprocesslock.web;

import java.util.List;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Locks that are lost, and pages that stand still. */
@InBrowser
class LossTests {

	private final Browser browser;

	private final Tab tab;

	LossTests(Browser browser) {
		this.browser = browser;
		this.tab = browser.open();
	}

	@BeforeEach
	void logLosses() {
		this.tab
			.run("""
					window.log = [];
					window.watch = (guard) => guard.onLost((error) => log.push(`${error.name} ${error.key} ${guard.isHeld()}`));
					""");
	}

	@Test
	void aStolenLockIsLost() {
		Tab other = this.browser.open();
		this.tab.hold("stolen");
		this.tab.run("watch(guard); watch(guard);");
		other
			.run("""
					await new Promise((stolen) => navigator.locks.request("cross-process-lock:stolen", { steal: true }, () => {
						stolen();
						return new Promise((settle) => window.giveBack = settle);
					}));
					""");
		this.tab.await("log.length === 2");
		assertThat(this.tab.run("return log;"))
			.isEqualTo(List.of("LockLostError stolen false", "LockLostError stolen false"));
		assertThat(this.tab
			.run("""
					watch(guard);
					await null;
					const errors = [() => guard.checkHeld(), () => guard.close(), () => guard.close()].map((call) => {
						try { call(); return "nothing"; } catch (error) {
							return error.name + (error.fencingToken === guard.fencingToken) + error.message.includes("steal");
						}
					});
					return [...errors, log.length];
					"""))
			.isEqualTo(List.of("LockLostErrortruetrue", "LockLostErrortruetrue", "nothing", 3L));
		assertThat(this.tab.isFree("stolen")).as("a lost guard gives back nothing").isFalse();
		other.run("giveBack();");
		this.tab.hold("stolen");
		assertThat(this.tab.isHeld()).isTrue();
	}

	@Test
	void workUnderALockThatWasStolenFails() {
		assertThat(this.tab.run("""
				const steal = (key) => navigator.locks.request(`cross-process-lock:${key}`, { steal: true }, () => {});
				const lost = await locks.withLock("work", 0, (guard) => steal(guard.key)).catch((error) => error);
				const mine = await locks.withLock("work", 0, async (guard) => {
					await steal(guard.key);
					throw new Error("mine");
				}).catch((error) => error);
				return [lost.name, mine.message];
				""")).isEqualTo(List.of("LockLostError", "mine"));
	}

	@Test
	void aCallbackThatFailsIsReportedAndKeepsNoOtherFromBeingCalled() {
		// browsers hide what is wrong in a script that is no part of the page
		this.tab.run("""
				const script = document.createElement("script");
				script.text = `
					addEventListener("error", (event) => log.push(event.error.message));
					window.failing = () => { throw new Error("from the callback"); };`;
				document.head.append(script);
				window.guard = await locks.lock("callbacks", 0);
				guard.onLost(failing);
				watch(guard);
				await navigator.locks.request("cross-process-lock:callbacks", { steal: true }, () => {});
				""");
		this.tab.await("log.length === 2");
		assertThat(this.tab.run("return log;"))
			.isEqualTo(List.of("from the callback", "LockLostError callbacks false"));
	}

	@Test
	void aGuardThatClosesInTimeIsNotToldOfAnything() {
		this.tab.run("""
				window.guard = await locks.lock("in-time", 0);
				watch(guard);
				guard.close();
				watch(guard);
				await navigator.locks.request("cross-process-lock:in-time", { steal: true }, () => {});
				await new Promise((soon) => setTimeout(soon, 20));
				""");
		assertThat(this.tab.run("return log;")).isEqualTo(List.of());
	}

	@Test
	void aFrozenPageLosesItsLocksAtOnce() {
		Tab other = this.browser.open();
		this.tab.run("""
				addEventListener("freeze", () => log.push("freeze"), true);
				addEventListener("resume", () => log.push("resume"), true);
				""");
		this.tab.hold("frozen");
		this.tab.run("watch(guard);");
		this.tab.freeze();
		// the browser has only been told when the driver goes on, and so below
		other.hold("frozen");
		this.tab.resume();
		this.tab.await("log.includes('resume')");
		assertThat(this.tab.run("return log;")).isEqualTo(List.of("LockLostError frozen false", "freeze", "resume"));
		assertThat(this.tab.isFree("frozen")).isFalse();
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void aFrozenPageGivesUpItsPlaceAndQueuesAgainWhenItGoesOn() {
		Tab other = this.browser.open();
		other.hold("place");
		this.tab.queue("place");
		this.tab.freeze();
		other.awaitWaiting("place", 0);
		other.closeGuard();
		assertThat(other.isFree("place")).as("the frozen page is not granted the key").isTrue();
		this.tab.resume();
		this.tab.await("window.guard?.isHeld()");
	}

	@Test
	void aPageInTheBackForwardCacheHasLostItsLocks() {
		Tab other = this.browser.open();
		this.tab.hold("cached");
		this.tab.run("watch(guard); window.same = true;");
		this.tab.go(this.browser.site().page() + "?next");
		other.hold("cached");
		this.tab.back();
		assertThat(this.tab.run("return [window.same, ...(window.log ?? [])];"))
			.isEqualTo(List.of(true, "LockLostError cached false"));
		assertThat(this.tab.isHeld()).isFalse();
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void aPageThatWaitsInTheBackForwardCacheKeepsNobodyWaiting() {
		Tab other = this.browser.open();
		other.hold("cached-place");
		this.tab.queue("cached-place");
		this.tab.run("window.same = true;");
		this.tab.go(this.browser.site().page() + "?next");
		other.awaitWaiting("cached-place", 0);
		other.closeGuard();
		assertThat(other.isFree("cached-place")).isTrue();
		this.tab.back();
		this.tab.await("window.guard?.isHeld()");
		assertThat(this.tab.run("return window.same;")).isEqualTo(true);
	}

	@Test
	void aRequestOfAPageThatStandsStillWaitsUntilItGoesOn() {
		Tab other = this.browser.open();
		this.tab
			.run("""
					addEventListener("freeze", () => locks.tryLock("meanwhile").then((guard) => log.push(guard !== null)), true);
					""");
		this.tab.freeze();
		assertThat(other.isFree("meanwhile")).isTrue();
		this.tab.resume();
		this.tab.await("log.length === 1");
		assertThat(this.tab.run("return log;")).isEqualTo(List.of(true));
	}

	@Test
	void aTabThatNavigatesOrReloadsFreesItsLocks() {
		Tab other = this.browser.open();
		this.tab.hold("navigates");
		this.tab.run("history.pushState(null, '', '?same-page');");
		assertThat(this.tab.isHeld()).isTrue();
		this.tab.select().navigate().refresh();
		other.hold("navigates");
		assertThat(other.isHeld()).isTrue();
	}

	@Test
	void aTabThatHangsKeepsItsLocks() {
		Tab other = this.browser.open();
		this.tab.hold("hangs");
		this.tab.select()
			.executeScript("setTimeout(() => { const end = Date.now() + 700; while (Date.now() < end); }, 30)");
		assertThat(other.run("""
				const end = performance.now() + 400;
				const answers = new Set();
				while (performance.now() < end) {
					answers.add(await locks.tryLock("hangs"));
				}
				return [...answers];
				""")).asInstanceOf(InstanceOfAssertFactories.LIST).containsExactly((Object) null);
		assertThat(this.tab.isHeld()).isTrue();
	}

}
