package org.crossprocesslock.engine;

import java.io.IOException;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class StoreFaultTests {

	static Stream<Arguments> thrown() {
		return Stream.of(arguments(new IllegalStateException(), false), arguments(new IOException(), false),
				arguments(new OutOfMemoryError(), false), arguments(new StackOverflowError(), false),
				arguments(new NoClassDefFoundError(), true), arguments(new AssertionError(), true));
	}

	@ParameterizedTest
	@MethodSource("thrown")
	void onlyAnErrorThatIsNotOfTheMachineIsPermanent(Throwable thrown, boolean permanent) {
		assertThat(StoreFault.of("It broke", thrown)).hasMessage("It broke")
			.hasCause(thrown)
			.matches((failure) -> failure.isPermanent() == permanent);
	}

}
