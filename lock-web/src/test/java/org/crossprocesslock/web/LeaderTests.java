package org.crossprocesslock.web;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.WebDriverException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** One tab leads. */
@InBrowser
class LeaderTests {

	/** Stands for election, and again when the leadership was lost. */
	private static final String STAND = """
			window.terms = 0;
			const stand = async () => {
				window.guard = await locks.leader("%s");
				terms++;
				guard.onLost(stand);
			};
			stand();
			""";

	private final Browser browser;

	LeaderTests(Browser browser) {
		this.browser = browser;
	}

	@Test
	void oneTabLeadsAndTheNextFollowsWhenItCloses() {
		List<Tab> tabs = candidates("closes", 3);
		assertThat(leaders(tabs)).containsExactly(true, false, false);
		tabs.get(0).close();
		tabs.get(1).await("window.guard?.isHeld()");
		assertThat(leaders(tabs.subList(1, 3))).containsExactly(true, false);
		tabs.get(1).go("about:blank");
		tabs.get(2).await("window.guard?.isHeld()");
	}

	@Test
	void leadershipMovesWhenTheTabCrashes() {
		List<Tab> tabs = candidates("crashes", 2);
		assertThatExceptionOfType(WebDriverException.class).isThrownBy(() -> tabs.get(0).go("chrome://crash"))
			.withMessageContaining("crashed");
		tabs.get(1).await("window.guard?.isHeld()");
	}

	@Test
	void leadershipMovesWhenTheTabIsFrozenAndComesBackInItsTurn() {
		List<Tab> tabs = candidates("freezes", 2);
		tabs.get(0).freeze();
		tabs.get(1).await("window.guard?.isHeld()");
		tabs.get(0).resume();
		assertThat(leaders(tabs)).containsExactly(false, true);
		tabs.get(0).awaitWaiting("freezes", 1);
		tabs.get(1).freeze();
		tabs.get(0).await("window.guard?.isHeld()");
		tabs.get(1).resume();
		assertThat(leaders(tabs)).containsExactly(true, false);
		assertThat(tabs.get(0).run("return terms;")).isEqualTo(2L);
		assertThat(tabs.get(1).run("return terms;")).isEqualTo(1L);
	}

	@Test
	void aFrozenTabThatWasAloneLeadsAgainWhenItGoesOn() {
		Tab tab = candidates("alone", 1).get(0);
		tab.freeze();
		tab.resume();
		tab.await("terms === 2 && guard.isHeld()");
	}

	@Test
	void leadershipMovesWhenTheTabGoesIntoTheBackForwardCache() {
		List<Tab> tabs = candidates("cached", 2);
		tabs.get(0).go(this.browser.site().page() + "?next");
		tabs.get(1).await("window.guard?.isHeld()");
		tabs.get(0).back();
		tabs.get(0).awaitWaiting("cached", 1);
		assertThat(leaders(tabs)).containsExactly(false, true);
	}

	@Test
	void theLeaderHoldsItsKeyLikeAnyOtherHolder() {
		List<Tab> tabs = candidates("key", 2);
		assertThat(tabs.get(1).isFree("key")).isFalse();
		assertThat(tabs.get(0).run("return guard.fencingToken > 0 && guard.key;")).isEqualTo("key");
		tabs.get(0).closeGuard();
		tabs.get(1).await("window.guard?.isHeld()");
	}

	private List<Tab> candidates(String key, int number) {
		Tab[] tabs = new Tab[number];
		for (int i = 0; i < number; i++) {
			tabs[i] = this.browser.open();
			tabs[i].start(STAND.formatted(key));
			if (i == 0) {
				tabs[i].await("window.guard?.isHeld()");
			}
			else {
				tabs[i].awaitWaiting(key, i);
			}
		}
		return Arrays.asList(tabs);
	}

	private static List<Boolean> leaders(List<Tab> tabs) {
		return tabs.stream().map(Tab::isHeld).toList();
	}

}
