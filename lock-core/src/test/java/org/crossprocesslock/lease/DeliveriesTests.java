package org.crossprocesslock.lease;

import java.util.List;

import org.crossprocesslock.BrokenLog;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeliveriesTests {

	@Test
	void aBrokenLogIsNobodysTrouble() {
		Deliveries deliveries = new Deliveries();
		try (BrokenLog log = new BrokenLog(Deliveries.class)) {
			deliveries.timeNotPassed(new IllegalStateException("a defect"));
			deliveries.deliverFailure(new IllegalStateException("a defect"), "lease", List.of(), List.of(), false);
			assertThat(log.asked()).containsExactly("ERROR", "ERROR", "WARN", "ERROR");
		}
	}

}
