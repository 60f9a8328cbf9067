package org.crossprocesslock.benchmarks.startup;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ServiceStartTests {

	@Test
	void isReadAsItWasWritten() {
		ServiceStart start = new ServiceStart(1234, 5678, true);
		assertThat(ServiceStart.parse(start.toString())).isEqualTo(start);
	}

}
