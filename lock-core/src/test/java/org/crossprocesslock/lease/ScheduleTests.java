package org.crossprocesslock.lease;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ScheduleTests {

	// not a constant, so that sums with it may wrap
	private final long now = Long.valueOf(Long.MAX_VALUE - 5);

	private final Schedule<String> schedule = new Schedule<>(this.now);

	@Test
	void orderSurvivesTheWrapOfTheMonotonicClock() {
		this.schedule.set("after", this.now + 10);
		this.schedule.set("before", this.now + 1);
		assertThat(this.schedule.next()).hasValue(this.now + 1);
		assertThat(this.schedule.takeDue(this.now + 5)).containsExactly("before");
		assertThat(this.schedule.takeDue(this.now + 10)).containsExactly("after");
		assertThat(this.schedule.next()).isEmpty();
	}

	@Test
	void whatIsDueTogetherComesInTheOrderOfSetting() {
		this.schedule.set("first", this.now);
		this.schedule.set("second", this.now);
		assertThat(this.schedule.takeDue(this.now)).containsExactly("first", "second");
	}

	@Test
	void eachIsDueOnce() {
		this.schedule.set("item", this.now);
		this.schedule.set("item", this.now + 2);
		assertThat(this.schedule.takeDue(this.now + 1)).isEmpty();
		this.schedule.set("item", this.now + 1);
		assertThat(this.schedule.takeDue(this.now + 1)).containsExactly("item");
		assertThat(this.schedule.takeDue(this.now + 3)).isEmpty();
	}

}
