package org.crossprocesslock.faults;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Judges the sections of all processes. */
final class Sections {

	private Sections() {
	}

	/** Guards that excluded each other and were held at once. */
	static List<String> overlaps(Collection<Section> sections) {
		List<String> found = new ArrayList<>();
		byKey(sections).forEach((key, ordered) -> {
			Section longest = ordered.get(0);
			for (Section next : ordered.subList(1, ordered.size())) {
				if (next.begin() - longest.until() < 0 && next.excludes(longest)) {
					found.add("Held at once: " + longest + " / " + next);
				}
				longest = (next.until() - longest.until() > 0) ? next : longest;
			}
		});
		return found;
	}

	/** Tokens that did not grow from a section to the next of its key. */
	static List<String> tokensThatDidNotGrow(Collection<Section> sections) {
		List<String> found = new ArrayList<>();
		byKey(sections).forEach((key, ordered) -> {
			for (int i = 1; i < ordered.size(); i++) {
				Section before = ordered.get(i - 1);
				Section next = ordered.get(i);
				if (next.token() < before.token() || (next.token() == before.token() && next.excludes(before))) {
					found.add("The token did not grow: " + before + " / " + next);
				}
			}
		});
		return found;
	}

	/**
	 * Tokens that two guards had which exclude each other; holds even where a clock of
	 * the database that jumped has broken exclusion.
	 */
	static List<String> tokensGivenTwice(Collection<Section> sections) {
		List<String> found = new ArrayList<>();
		byKey(sections).forEach((key, ordered) -> {
			Map<Long, Section> seen = new TreeMap<>();
			for (Section next : ordered) {
				Section before = seen.putIfAbsent(next.token(), next);
				if (before != null && next.excludes(before)) {
					found.add("The token was given twice: " + before + " / " + next);
				}
			}
		});
		return found;
	}

	private static Map<String, List<Section>> byKey(Collection<Section> sections) {
		return sections.stream()
			.sorted(Comparator.comparingLong(Section::begin))
			.collect(Collectors.groupingBy(Section::key, TreeMap::new, Collectors.toList()));
	}

}
