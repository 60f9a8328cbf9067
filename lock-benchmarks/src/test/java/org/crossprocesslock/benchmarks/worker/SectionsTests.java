package org.crossprocesslock.benchmarks.worker;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SectionsTests {

	private final Sections one = new Sections();

	private final Sections other = new Sections();

	@Test
	void sectionsOfAKeyOneAfterTheOtherAreNoViolation() {
		this.one.add(0, 10, 20, 1);
		this.other.add(0, 20, 30, 2);
		this.one.add(0, 31, 40, 3);
		assertThat(violations()).isZero();
	}

	@Test
	void sectionsOfDifferentKeysMayOverlap() {
		this.one.add(0, 10, 20, 1);
		this.other.add(1, 10, 20, 1);
		assertThat(violations()).isZero();
	}

	@Test
	void sectionsOfAKeyThatOverlapAreViolations() {
		this.one.add(0, 10, 40, 0);
		this.other.add(0, 15, 20, 0);
		this.other.add(0, 30, 50, 0);
		assertThat(violations()).isEqualTo(2);
	}

	@Test
	void tokensThatDoNotGrowAreViolations() {
		this.one.add(0, 10, 20, 7);
		this.other.add(0, 30, 40, 7);
		assertThat(violations()).isOne();
	}

	private long violations() {
		return Sections.violations(List.of(this.one, this.other));
	}

}
