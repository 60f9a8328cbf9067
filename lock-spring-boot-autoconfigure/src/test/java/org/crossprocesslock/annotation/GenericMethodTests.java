package org.crossprocesslock.annotation;

import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrossProcessLocked} on methods of generic types, which the compiler
 * doubles, with both kinds of proxies.
 */
class GenericMethodTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class);

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theAnnotationOfTheImplementationCounts(boolean proxyTargetClass) {
		calls(OwnAnnotation.class, proxyTargetClass, "own-4711");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theAnnotationOfTheInterfaceCountsOtherwise(boolean proxyTargetClass) {
		calls(OfInterface.class, proxyTargetClass, "order-4711");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theAnnotationOfAGenericClassCountsForWhatInheritsIt(boolean proxyTargetClass) {
		calls(Inherited.class, proxyTargetClass, "inherited-4711");
	}

	private void calls(Class<? extends Handler<Order>> bean, boolean proxyTargetClass, String key) {
		this.contextRunner.withBean(bean)
			.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.run((context) -> {
				@SuppressWarnings("unchecked")
				Handler<Order> handler = context.getBean(Handler.class);
				handler.handle(new Order(4711));
				assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly(key);
			});
	}

	@Test
	void aMethodWithANarrowerResultIsLockedOnce() {
		this.contextRunner.withBean(Narrower.class).run((context) -> {
			Wider wider = context.getBean(Narrower.class);
			assertThat(wider.answer()).isEqualTo("narrow");
			assertThat(context.getBean(RecordedLocks.Requests.class).keys()).containsExactly("narrow");
		});
	}

	interface Handler<T> {

		@CrossProcessLocked(key = "order-#{#argument.id}")
		void handle(T argument);

	}

	record Order(long id) {

	}

	static class OwnAnnotation implements Handler<Order> {

		@Override
		@CrossProcessLocked(key = "own-#{#order.id}")
		public void handle(Order order) {
		}

	}

	static class OfInterface implements Handler<Order> {

		@Override
		public void handle(Order argument) {
		}

	}

	abstract static class Base<T> implements Handler<T> {

		@Override
		@CrossProcessLocked(key = "inherited-#{#it.id}")
		public void handle(T it) {
		}

	}

	static class Inherited extends Base<Order> {

	}

	static class Wider {

		public Object answer() {
			return "wide";
		}

	}

	static class Narrower extends Wider {

		@Override
		@CrossProcessLocked(key = "narrow")
		public String answer() {
			return "narrow";
		}

	}

}
