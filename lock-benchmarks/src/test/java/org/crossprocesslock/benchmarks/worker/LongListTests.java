package org.crossprocesslock.benchmarks.worker;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class LongListTests {

	@Test
	void keepsMoreNumbersThanItHadRoomFor() {
		LongList list = numbers(1, 10_000);
		assertThat(list.size()).isEqualTo(10_000);
		assertThat(list.get(9_999)).isEqualTo(10_000);
	}

	@Test
	void percentilesAreOverAllLists() {
		List<LongList> lists = List.of(numbers(51, 100), numbers(1, 50));
		assertThat(LongList.percentile(lists, 0.5)).isEqualTo(51);
		assertThat(LongList.percentile(lists, 0.99)).isEqualTo(100);
		assertThat(LongList.percentile(lists, 1)).isEqualTo(100);
	}

	@Test
	void nothingHasNoPercentile() {
		assertThatIllegalStateException().isThrownBy(() -> LongList.percentile(List.of(new LongList()), 0.5));
	}

	private static LongList numbers(int from, int to) {
		LongList list = new LongList();
		for (int i = from; i <= to; i++) {
			list.add(i);
		}
		return list;
	}

}
