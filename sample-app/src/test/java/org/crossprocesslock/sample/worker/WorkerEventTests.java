package org.crossprocesslock.sample.worker;

import org.crossprocesslock.sample.worker.WorkerEvent.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests of {@link WorkerEvent}. */
class WorkerEventTests {

	@ParameterizedTest
	@EnumSource
	void parsesWhatItPrints(Kind kind) {
		WorkerEvent event = new WorkerEvent(kind, 1_763_772_000_000_000L);
		assertThat(WorkerEvent.parse(event.toLine())).contains(event);
	}

	@Test
	void otherOutputIsNoEvent() {
		assertThat(WorkerEvent.parse("WARN something: EVENT acquired 1")).isEmpty();
		assertThat(WorkerEvent.parse("EVENT acquired")).isEmpty();
		assertThat(WorkerEvent.parse("EVENT unheard 1")).isEmpty();
	}

}
