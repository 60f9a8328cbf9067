package org.crossprocesslock.annotation;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import org.crossprocesslock.LockKeys;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@code #lockKey(...)} in the key of {@link CrossProcessLocked}.
 */
class KeyFunctionTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class);

	@Test
	void makesAKeyOfAnyValues() {
		this.contextRunner.withBean(Orders.class).run((context) -> {
			Orders orders = context.getBean(Orders.class);
			UUID id = new UUID(1, 2);
			orders.of("\u00e4@b", new Order(4711, Kind.REMOTE), id);
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly(
					"order-" + LockKeys.of("\u00e4@b", "4711", "REMOTE", "00000000-0000-0001-0000-000000000002"));
		});
	}

	@ParameterizedTest
	@MethodSource("badValues")
	void refusesWhatWouldBeAnotherKeyTheNextTime(@Nullable Object value, String reason) {
		this.contextRunner.withBean(Orders.class).run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertThatIllegalArgumentException().isThrownBy(() -> orders.of("text", new Order(1, Kind.LOCAL), value))
				.withMessageContaining("Orders.of")
				.withMessageContaining("value 4 of #lockKey() " + reason);
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).isEmpty();
		});
	}

	static Stream<Arguments> badValues() {
		return Stream.of(arguments(null, "is null"), arguments(List.of(1), "is a collection"),
				arguments(Map.of(1, 2), "is a collection"), arguments(Optional.empty(), "is null"),
				arguments(new int[] { 1 }, "is a collection"),
				arguments(new Object(), "is a Object, which has no toString()"),
				arguments(new Nameless(), "is a Nameless, which has no toString()"),
				arguments(proxy(true), "is a Nameless, which has no toString()"),
				arguments(proxy(false), "is a $Proxy"));
	}

	/** As an entity that is loaded lazily. */
	private static Object proxy(boolean byClass) {
		ProxyFactory factory = new ProxyFactory(new Nameless());
		factory.setProxyTargetClass(byClass);
		return factory.getProxy();
	}

	@ParameterizedTest
	@ValueSource(classes = { HiddenFunction.class, UnknownFunction.class })
	void refusesAFunctionThatIsNotThere(Class<?> bean) {
		this.contextRunner.withBean(bean)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining((bean == HiddenFunction.class) ? "an argument of the same name hides"
						: "no function besides #lockKey()"));
	}

	enum Kind {

		LOCAL, REMOTE {

			@Override
			public String toString() {
				return "far away";
			}

		}

	}

	record Order(long id, Kind kind) {

	}

	static class Nameless implements Serializable {

		private static final long serialVersionUID = 1L;

	}

	static class Orders {

		@CrossProcessLocked(key = "order-#{#lockKey(#text, #order.id, #order.kind, #id)}")
		public void of(String text, Order order, @Nullable Object id) {
		}

	}

	static class HiddenFunction {

		@CrossProcessLocked(key = "#{#lockKey(#lockKey)}")
		public void run(String lockKey) {
		}

	}

	static class UnknownFunction {

		@CrossProcessLocked(key = "#{#hash(#text)}")
		public void run(String text) {
		}

	}

}
