package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.BrokenLog;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

class RepeatedFaultTests {

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

	private final List<String> said = new ArrayList<>();

	private final RepeatedFault fault = new RepeatedFault(new TimeSource() {

		@Override
		public long nanos() {
			return RepeatedFaultTests.this.nanos.get();
		}

		@Override
		public long wallMillis() {
			return 0;
		}

	});

	@Test
	void isSaidAtOnceAndThenOnceAMinuteWithHowOftenItCame() {
		this.fault.happened(this.said::add);
		assertThat(this.said).containsExactly("");
		this.nanos.addAndGet(RepeatedFault.PAUSE.minus(Duration.ofNanos(1)).toNanos());
		for (int i = 0; i < 3; i++) {
			this.fault.happened(this.said::add);
		}
		assertThat(this.said).hasSize(1);
		this.nanos.incrementAndGet();
		this.fault.happened(this.said::add);
		this.nanos.addAndGet(RepeatedFault.PAUSE.toNanos());
		this.fault.happened(this.said::add);
		assertThat(this.said).containsExactly("", " (and 3 times since that was last said)", "");
	}

	@Test
	void aLongSilenceIsNoReasonToSayItMoreOften() {
		this.nanos.addAndGet(RepeatedFault.PAUSE.multipliedBy(10).toNanos());
		this.fault.happened(this.said::add);
		this.fault.happened(this.said::add);
		assertThat(this.said).containsExactly("");
	}

	@Test
	void aDefectIsWorthALineAsWellAndABrokenLogIsNobodysTrouble() {
		Logger logger = LoggerFactory.getLogger(RepeatedFaultTests.class);
		try (BrokenLog log = new BrokenLog(RepeatedFaultTests.class)) {
			this.fault.happened(logger, "It failed", new IllegalStateException("a defect"));
			this.fault.happened(logger, "It failed", new IllegalStateException("a defect"));
			new RepeatedFault().happened(logger::warn);
			assertThat(log.asked()).containsExactly("ERROR", "WARN");
		}
	}

}
