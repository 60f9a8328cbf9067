package org.crossprocesslock.benchmarks.worker;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When which key was held, by the monotonic clock that the processes of a host share.
 */
public final class Sections implements Serializable {

	private static final int WIDTH = 4;

	private final LongList numbers = new LongList();

	/**
	 * Notes that a key was held.
	 * @param key the number of the key
	 * @param from a moment not before the acquisition was answered
	 * @param to a moment not after the release was begun
	 * @param fencingToken the token of the acquisition, zero if there are none
	 */
	void add(int key, long from, long to, long fencingToken) {
		this.numbers.add(key);
		this.numbers.add(from);
		this.numbers.add(to);
		this.numbers.add(fencingToken);
	}

	private void into(Map<Long, List<Section>> byKey) {
		for (int i = 0; i < this.numbers.size(); i += WIDTH) {
			byKey.computeIfAbsent(this.numbers.get(i), (key) -> new ArrayList<>())
				.add(new Section(this.numbers.get(i + 1), this.numbers.get(i + 2), this.numbers.get(i + 3)));
		}
	}

	/**
	 * Counts what must not be: sections of one key that begin before another one has
	 * ended, or whose fencing token is not above that of the one before.
	 */
	public static long violations(Collection<Sections> all) {
		Map<Long, List<Section>> byKey = new HashMap<>();
		all.forEach((sections) -> sections.into(byKey));
		return byKey.values().stream().mapToLong(Sections::violationsOfAKey).sum();
	}

	private static long violationsOfAKey(List<Section> sections) {
		sections.sort(Comparator.comparingLong(Section::from));
		long violations = 0;
		long end = Long.MIN_VALUE;
		long token = 0;
		for (Section section : sections) {
			boolean tokenGrew = section.fencingToken() == 0 || section.fencingToken() > token;
			if (section.from() < end || !tokenGrew) {
				violations++;
			}
			end = Math.max(end, section.to());
			token = Math.max(token, section.fencingToken());
		}
		return violations;
	}

	private record Section(long from, long to, long fencingToken) {

	}

}
