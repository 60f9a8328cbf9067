package org.crossprocesslock.faults;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The judge of the battery sees what it is there to see. */
class SectionsTests {

	private static Section section(String process, long token, long begin, long until) {
		return new Section(process, "key", token, false, begin, until);
	}

	private static Section shared(String process, long token, long begin, long until) {
		return new Section(process, "key", token, true, begin, until);
	}

	@Test
	void sectionsOneAfterTheOtherAreFine() {
		List<Section> sections = List.of(section("b", 2, 20, 30), section("a", 1, 0, 10), section("a", 3, 30, 30));
		assertThat(Sections.overlaps(sections)).isEmpty();
		assertThat(Sections.tokensThatDidNotGrow(sections)).isEmpty();
		assertThat(Sections.tokensGivenTwice(sections)).isEmpty();
	}

	@Test
	void anOverlapIsReported() {
		assertThat(Sections.overlaps(List.of(section("a", 1, 0, 10), section("b", 2, 9, 20)))).singleElement()
			.asString()
			.contains("a held 'key' with token 1", "b held 'key' with token 2");
	}

	@Test
	void anOverlapWithALongSectionThatBeganLongBeforeIsReported() {
		List<Section> sections = List.of(section("a", 1, 0, 100), section("b", 2, 10, 20), section("c", 3, 50, 60));
		assertThat(Sections.overlaps(sections)).hasSize(2);
	}

	@Test
	void aSectionSeenOnceWithinAnotherIsReported() {
		assertThat(Sections.overlaps(List.of(section("a", 1, 0, 10), section("b", 2, 5, 5)))).hasSize(1);
	}

	@Test
	void sectionsOfDifferentKeysMayOverlap() {
		Section other = new Section("b", "other", 1, false, 5, 15);
		List<Section> sections = List.of(section("a", 1, 0, 10), other);
		assertThat(Sections.overlaps(sections)).isEmpty();
		assertThat(Sections.tokensGivenTwice(sections)).isEmpty();
	}

	@Test
	void guardsSharedInAProcessMayOverlapAndShareTheirToken() {
		List<Section> sections = List.of(shared("a", 1, 0, 10), shared("a", 1, 5, 15));
		assertThat(Sections.overlaps(sections)).isEmpty();
		assertThat(Sections.tokensThatDidNotGrow(sections)).isEmpty();
		assertThat(Sections.tokensGivenTwice(sections)).isEmpty();
	}

	@Test
	void guardsSharedInDifferentProcessesExcludeEachOther() {
		assertThat(Sections.overlaps(List.of(shared("a", 1, 0, 10), shared("b", 1, 5, 15)))).hasSize(1);
	}

	@Test
	void aSharedGuardAndAnExclusiveOneExcludeEachOtherInAProcessToo() {
		assertThat(Sections.overlaps(List.of(shared("a", 1, 0, 10), section("a", 2, 5, 15)))).hasSize(1);
	}

	@Test
	void aTokenThatShrinksOrStaysIsReported() {
		List<Section> sections = List.of(section("a", 5, 0, 10), section("b", 4, 20, 30), section("a", 4, 40, 50));
		assertThat(Sections.tokensThatDidNotGrow(sections)).hasSize(2);
		assertThat(Sections.tokensGivenTwice(sections)).hasSize(1);
	}

	@Test
	void aLineSaysAll() {
		Section section = shared("a", 7, 3, 9);
		assertThat(Section.ofLine(section.toLine())).isEqualTo(section);
	}

}
