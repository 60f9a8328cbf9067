package org.crossprocesslock.file;

import java.time.Duration;

import org.crossprocesslock.engine.TickedTimeSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BarredKeysTests {

	private static final Duration LONG = KeyWait.PATIENCE.plusNanos(1);

	private static final Duration FORGOTTEN = BarredKeys.REMEMBERED.plusNanos(1);

	private final TickedTimeSource time = new TickedTimeSource();

	private final BarredKeys barred = new BarredKeys(this.time);

	@Test
	void aLineThatHasStoodForLongMayBePassed() {
		assertThat(this.barred.mayBePassed("k")).isFalse();
		this.barred.othersFirst("k");
		this.time.pass(KeyWait.PATIENCE);
		assertThat(this.barred.mayBePassed("k")).isFalse();
		this.barred.othersFirst("k");
		this.time.pass(LONG.minus(KeyWait.PATIENCE));
		assertThat(this.barred.mayBePassed("k")).isTrue();
		assertThat(this.barred.mayBePassed("other")).isFalse();
		this.barred.forget("k");
		assertThat(this.barred.mayBePassed("k")).isFalse();
	}

	@Test
	void whoTriesOnceInSomeMinutesPassesItToo() {
		this.barred.othersFirst("k");
		this.time.pass(Duration.ofMinutes(5));
		assertThat(this.barred.mayBePassed("k")).isTrue();
	}

	@Test
	void aLineThatWasClosedLongAgoSaysNothingAboutThePresentOne() {
		this.barred.othersFirst("k");
		this.time.pass(FORGOTTEN);
		assertThat(this.barred.mayBePassed("k")).isFalse();
		this.barred.othersFirst("k");
		assertThat(this.barred.mayBePassed("k")).isFalse();
		this.time.pass(LONG);
		assertThat(this.barred.mayBePassed("k")).isTrue();
	}

	@Test
	void keysThatWereOnlyTriedAreForgotten() {
		for (int i = 0; i < 100; i++) {
			this.barred.othersFirst("k" + i);
		}
		this.time.pass(FORGOTTEN);
		this.barred.othersFirst("next");
		assertThat(this.barred.count()).isOne();
	}

}
