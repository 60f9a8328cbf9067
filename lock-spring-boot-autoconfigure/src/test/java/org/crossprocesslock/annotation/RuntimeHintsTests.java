package org.crossprocesslock.annotation;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.ReflectionHintsPredicates;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.aot.BeanRegistrationCode;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * What a native image is told to keep, through the file by which Spring finds it.
 */
class RuntimeHintsTests {

	private static RuntimeHints general() {
		RuntimeHints hints = new RuntimeHints();
		AotServices.factories()
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter((registrar) -> registrar.getClass().getName().startsWith("org.crossprocesslock."))
			.forEach((registrar) -> registrar.registerHints(hints, RuntimeHintsTests.class.getClassLoader()));
		return hints;
	}

	private static @Nullable RuntimeHints ofBean(Class<?> type) {
		DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();
		beanFactory.registerBeanDefinition("bean", new RootBeanDefinition(type));
		TestGenerationContext generation = new TestGenerationContext();
		boolean any = false;
		for (BeanRegistrationAotProcessor processor : AotServices.factoriesAndBeans(beanFactory)
			.load(BeanRegistrationAotProcessor.class)) {
			BeanRegistrationAotContribution contribution = (processor instanceof LockedMethodHints)
					? processor.processAheadOfTime(RegisteredBean.of(beanFactory, "bean")) : null;
			if (contribution != null) {
				contribution.applyTo(generation, mock(BeanRegistrationCode.class));
				any = true;
			}
		}
		return any ? generation.getRuntimeHints() : null;
	}

	private static Method method(Class<?> type, String name) {
		return Stream.of(ReflectionUtils.getAllDeclaredMethods(type))
			.filter((method) -> method.getName().equals(name))
			.findFirst()
			.orElseThrow();
	}

	@ParameterizedTest
	@ValueSource(strings = { "h2", "postgresql" })
	void scriptsAreKept(String dialect) {
		assertThat(RuntimeHintsPredicates.resource()
			.forResource("org/crossprocesslock/lease/jdbc/schema-" + dialect + ".sql")).accepts(general());
	}

	/** Without that they would count as absent in a native image. */
	@ParameterizedTest
	@MethodSource
	void optionalClassesCanBeAskedFor(String name) throws ClassNotFoundException {
		assertThat(RuntimeHintsPredicates.reflection().onType(Class.forName(name))).accepts(general());
	}

	static Set<String> optionalClassesCanBeAskedFor() throws IOException {
		Pattern question = Pattern.compile("(ClassUtils\\.| )isPresent\\(");
		Pattern name = Pattern.compile("\"([a-z]\\w*(\\.[a-z]\\w*)+\\.[A-Z]\\w*)\"");
		Set<String> names = new TreeSet<>();
		for (String module : List.of("lock-core", "lock-spring-boot-autoconfigure")) {
			try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
				for (Path file : files.filter((each) -> each.toString().endsWith(".java")).toList()) {
					String source = Files.readString(file);
					if (question.matcher(source).find()) {
						name.matcher(source).results().map((found) -> found.group(1)).forEach(names::add);
					}
				}
			}
		}
		// not of a native image; compared by name only
		names.removeAll(Set.of("org.mockito.Mockito", "kotlinx.coroutines.Job"));
		assertThat(names).contains("reactor.core.publisher.Flux", "org.postgresql.PGConnection");
		return names;
	}

	@Test
	void annotationAndRootOfExpressionsAreKept() {
		ReflectionHintsPredicates reflection = RuntimeHintsPredicates.reflection();
		assertThat(reflection.onMethodInvocation(CrossProcessLocked.class, "key")).accepts(general());
		assertThat(reflection.onMethodInvocation(CrossProcessLocked.List.class, "value")).accepts(general());
		assertThat(RuntimeHintsPredicates.proxies().forInterfaces(CrossProcessLocked.class)).accepts(general());
		for (String accessor : new String[] { "method", "target", "targetClass", "args" }) {
			assertThat(reflection.onMethodInvocation(KeyTemplate.Root.class, accessor)).accepts(general());
		}
		assertThat(reflection.onMethodInvocation(KeyFunction.class, KeyFunction.NAME)).accepts(general());
	}

	@Test
	void methodsArgumentsAndFallbacksOfABeanAreKept() {
		RuntimeHints hints = Objects.requireNonNull(ofBean(Orders.class));
		ReflectionHintsPredicates reflection = RuntimeHintsPredicates.reflection();
		assertThat(reflection.onMethodInvocation(method(Orders.class, "bill"))).accepts(hints);
		assertThat(reflection.onMethodInvocation(method(Orders.class, "later"))).accepts(hints);
		assertThat(reflection.onMethodInvocation(method(Order.class, "id"))).accepts(hints);
		assertThat(reflection.onType(Order.class).withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
			.accepts(hints);
		assertThat(reflection.onMethodInvocation(method(Orders.class, "other"))).rejects(hints);
	}

	@Test
	void nothingIsSaidOfOtherBeans() {
		assertThat(ofBean(Order.class)).isNull();
	}

	public record Order(long id) {

	}

	static class Orders {

		@CrossProcessLocked(key = "order-#{#order.id}", fallback = "later")
		public void bill(Order order) {
		}

		void later(Order order) {
		}

		public void other() {
		}

	}

}
