package org.crossprocesslock.annotation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.aopalliance.intercept.MethodInterceptor;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.RecordedLocks.Requests;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.Resource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the places a {@link CrossProcessLocked} is found at.
 */
class LockedPlacesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class);

	@Test
	void annotationOfTheClassIsForPublicMethodsWithoutTheirOwn() {
		this.contextRunner.withBean(LockedClass.class).run((context) -> {
			LockedClass bean = context.getBean(LockedClass.class);
			Requests requests = context.getBean(Requests.class);
			bean.own();
			bean.ofClass();
			bean.inherited();
			bean.notPublic();
			assertThat(bean.toString()).isEqualTo("a locked class");
			assertThat(requests.keys()).containsExactly("own", "class-ofClass", "class-inherited");
		});
	}

	@Test
	void metaAnnotationPassesItsAttributesOn() {
		this.contextRunner.withBean(MetaAnnotated.class).run((context) -> {
			context.getBean(MetaAnnotated.class).run();
			LockRequest request = context.getBean(Requests.class).last();
			assertThat(request.key()).isEqualTo("meta");
			assertThat(request.waitTime()).isZero();
			assertThat(request.mode()).isEqualTo(LockMode.SHARED_IN_PROCESS);
		});
	}

	@Test
	void annotationOfAnInterfaceIsForItsImplementations() {
		this.contextRunner.withBean(Implementation.class).run((context) -> {
			context.getBean(Contract.class).run("x");
			assertThat(context.getBean(Requests.class).keys()).containsExactly("contract-x");
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void annotationOfAnInterfaceIsForWhatItsImplementationInherits(boolean proxyTargetClass) {
		this.contextRunner.withBean(InheritsImplementation.class)
			.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.run((context) -> {
				context.getBean(Contract.class).run("x");
				assertThat(context.getBean(Requests.class).keys()).containsExactly("contract-x");
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void annotationOfAnInterfaceIsForAGenericImplementationThatIsInherited(boolean proxyTargetClass) {
		this.contextRunner.withBean(InheritsGenericImplementation.class)
			.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.run((context) -> {
				context.getBean(Contract.class).run("x");
				assertThat(context.getBean(Requests.class).keys()).containsExactly("contract-x");
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void annotationOfAnInterfaceTypeIsForWhatItsImplementationInherits(boolean proxyTargetClass) {
		this.contextRunner.withBean(InheritsRun.class)
			.withPropertyValues("spring.aop.proxy-target-class=" + proxyTargetClass)
			.run((context) -> {
				context.getBean(LockedType.class).run("x");
				assertThat(context.getBean(Requests.class).keys()).containsExactly("type");
			});
	}

	/** The interfaces of the proxy itself are none of its. */
	@Test
	void annotationOfAnInterfaceTypeIsForWhatItsProxyImplements() {
		this.contextRunner.withBean(Typed.class, () -> {
			ProxyFactory proxy = new ProxyFactory(new Object());
			proxy.addInterface(Typed.class);
			proxy.addAdvice((MethodInterceptor) (invocation) -> null);
			return (Typed) proxy.getProxy();
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(Typed.class).run("x");
			assertThat(context.getBean(Requests.class).keys()).containsExactly("typed-x");
		});
	}

	/** What is of Spring alone is not searched. */
	@Test
	void annotationOfAnInterfaceIsForWhatItsImplementationInheritsOfSpring() {
		this.contextRunner.withBean(InheritsOfSpring.class).run((context) -> {
			context.getBean(LockedResources.class).getResource("x");
			assertThat(context.getBean(Requests.class).keys()).containsExactly("resource-x");
		});
	}

	interface LockedResources {

		@CrossProcessLocked(key = "resource-#{#p0}")
		Resource getResource(String location);

	}

	static class InheritsOfSpring extends DefaultResourceLoader implements LockedResources {

	}

	static class Base {

		public void inherited() {
		}

	}

	@CrossProcessLocked(key = "class-#{#root.method.name}")
	static class LockedClass extends Base {

		@CrossProcessLocked(key = "own")
		public void own() {
		}

		public void ofClass() {
		}

		void notPublic() {
		}

		public static void ofNoInstance() {
		}

		@Override
		public String toString() {
			return "a locked class";
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@CrossProcessLocked(key = "", waitTime = "0s", mode = LockMode.SHARED_IN_PROCESS)
	@interface Shared {

		@AliasFor(annotation = CrossProcessLocked.class, attribute = "key")
		String value();

	}

	static class MetaAnnotated {

		@Shared("meta")
		public void run() {
		}

	}

	interface Contract {

		@CrossProcessLocked(key = "contract-#{#p0}")
		void run(String text);

	}

	static class Implementation implements Contract {

		@Override
		public void run(String text) {
		}

	}

	static class KnowsNoContract {

		public void run(String text) {
		}

	}

	static class InheritsImplementation extends KnowsNoContract implements Contract {

	}

	static class KnowsNoType<T> {

		public void run(T text) {
		}

	}

	static class InheritsGenericImplementation extends KnowsNoType<String> implements Contract {

	}

	@CrossProcessLocked(key = "type")
	interface LockedType {

		void run(String text);

	}

	@CrossProcessLocked(key = "typed-#{#p0}")
	interface Typed {

		void run(String text);

	}

	static class InheritsRun extends KnowsNoContract implements LockedType {

	}

}
