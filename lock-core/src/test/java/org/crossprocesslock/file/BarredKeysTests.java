package org.crossprocesslock.file;

import java.time.Duration;

import org.crossprocesslock.engine.TickedTimeSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class BarredKeysTests {

	private static final Duration LONG = KeyWait.PATIENCE.plusNanos(1);

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

	@ParameterizedTest
	@ValueSource(longs = { 5, 60, 60 * 24, 60 * 24 * 7 })
	void whoTriesHoweverRarelyPassesItToo(long minutes) {
		this.barred.othersFirst("k");
		this.time.pass(Duration.ofMinutes(minutes));
		assertThat(this.barred.mayBePassed("k")).isTrue();
	}

	@Test
	void keysThatWereOnlyTriedAreBoundedInNumber() {
		for (int i = 0; i <= BarredKeys.MOST; i++) {
			this.barred.othersFirst("k" + i);
			assertThat(this.barred.count()).isLessThanOrEqualTo(BarredKeys.MOST);
		}
		this.time.pass(LONG);
		assertThat(this.barred.mayBePassed("k" + BarredKeys.MOST)).isTrue();
	}

	@Test
	void aKeyThatIsFoundAgainMakesNoOtherForgotten() {
		for (int i = 0; i < BarredKeys.MOST; i++) {
			this.barred.othersFirst("k" + i);
		}
		this.time.pass(LONG);
		this.barred.othersFirst("k7");
		assertThat(this.barred.mayBePassed("k7")).isTrue();
		assertThat(this.barred.count()).isEqualTo(BarredKeys.MOST);
	}

}
