package org.crossprocesslock.annotation;

import java.io.Closeable;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.BeanNameAware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for annotated methods that the container itself calls.
 */
class LifecycleMethodsTests {

	private final RecordedLocks.Requests requests = new RecordedLocks.Requests();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> new ObservedLocks(this.requests));

	@ParameterizedTest
	@ValueSource(classes = { AfterConstruction.class, Initializing.class, PackagePrivateInit.class })
	void initMethod(Class<?> bean) {
		refused(this.runner.withBean(bean), bean.getSimpleName() + ".", "it is an init method", "another bean");
	}

	@ParameterizedTest
	@ValueSource(classes = { BeforeDestruction.class, Disposable.class, Closing.class, LockedDisposable.class })
	void destroyMethod(Class<?> bean) {
		refused(this.runner.withBean(bean), bean.getSimpleName() + ".", "it is a destroy method");
	}

	@Test
	void methodThatIsInjected() {
		refused(this.runner.withBean(Injected.class), "Injected.use", "it is an injection method");
	}

	@Test
	void methodThatTellsABeanWhereItIs() {
		refused(this.runner.withBean(Told.class), "Told.setBeanName", "it is a method of an Aware interface");
	}

	@Test
	void initMethodOfTheDefinition() {
		refused(this.runner.withBean(Job.class, Job::new,
				(definition) -> ((AbstractBeanDefinition) definition).setInitMethodNames("other", "run")), "Job.run",
				"it is an init method");
	}

	@Test
	void destroyMethodOfTheDefinition() {
		refused(this.runner.withBean(Job.class, Job::new, (definition) -> definition.setDestroyMethodName("run")),
				"Job.run", "it is a destroy method");
	}

	@Test
	void destroyMethodOfTheDefinitionThatIsToldOfTheDestruction() {
		refused(this.runner.withBean(Worker.class, Worker::new,
				(definition) -> definition.setDestroyMethodName("stop")), "Worker.stop", "it is a destroy method");
	}

	@Test
	void methodThatOnlyLooksLikeADestroyMethodIsNone() {
		this.runner
			.withBean(Worker.class, Worker::new,
					(definition) -> definition.setDestroyMethodName(AbstractBeanDefinition.INFER_METHOD))
			.withBean(ShortWorker.class, ShortWorker::new, (definition) -> definition.setDestroyMethodName("stop"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void destroyMethodThatIsInferred() {
		refused(this.runner.withUserConfiguration(Inferred.class), "ShutDown.shutdown", "it is a destroy method");
	}

	@Test
	void stopMethodThatIsCalledByAnotherOfItsBean() {
		refused(this.runner.withBean(Smart.class), "Smart.stop", "it is the stop method of a SmartLifecycle");
	}

	@Test
	void lifecycleMethodsThatAreCalledThroughTheProxyAreLocked() {
		this.runner.withBean(StartedAndStopped.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getSourceApplicationContext(ConfigurableApplicationContext.class).start();
		});
		assertThat(this.requests.keys()).containsExactly("singletons", "start", "stop");
	}

	private static void refused(ApplicationContextRunner runner, String... texts) {
		runner.run((context) -> assertThat(refusal(context)).hasMessageContainingAll(texts));
	}

	private static @Nullable Throwable refusal(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		Throwable refusal = context.getStartupFailure();
		while (refusal != null && !(refusal instanceof LockedMethodException)) {
			refusal = refusal.getCause();
		}
		return refusal;
	}

	static class Job {

		@CrossProcessLocked(key = "job")
		public void run() {
		}

		public void other() {
		}

	}

	static class Worker {

		@CrossProcessLocked(key = "worker")
		public void stop(boolean force) {
		}

		@CrossProcessLocked(key = "worker")
		public void shutdown(boolean force) {
		}

	}

	/** One whose shorter method is called. */
	static class ShortWorker extends Worker {

		public void stop() {
		}

	}

	static class Injected {

		@Autowired
		@CrossProcessLocked(key = "injected")
		public void use(LockManager manager) {
		}

	}

	static class Told implements BeanNameAware {

		@Override
		@CrossProcessLocked(key = "told")
		public void setBeanName(String name) {
		}

	}

	static class AfterConstruction {

		@PostConstruct
		@CrossProcessLocked(key = "seed")
		public void seed() {
		}

	}

	static class PackagePrivateInit {

		@PostConstruct
		@CrossProcessLocked(key = "seed")
		void seed() {
		}

	}

	static class Initializing implements InitializingBean {

		@Override
		@CrossProcessLocked(key = "seed")
		public void afterPropertiesSet() {
		}

	}

	static class BeforeDestruction {

		@PreDestroy
		@CrossProcessLocked(key = "harvest")
		public void harvest() {
		}

	}

	static class Disposable implements DisposableBean {

		@Override
		@CrossProcessLocked(key = "harvest")
		public void destroy() {
		}

	}

	@CrossProcessLocked(key = "harvest")
	static class LockedDisposable implements DisposableBean {

		@Override
		public void destroy() {
		}

	}

	static class Closing implements Closeable {

		@Override
		@CrossProcessLocked(key = "harvest")
		public void close() {
		}

	}

	static class ShutDown {

		@CrossProcessLocked(key = "harvest")
		public void shutdown() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Inferred {

		@Bean
		ShutDown shutDown() {
			return new ShutDown();
		}

	}

	static class StartedAndStopped implements SmartInitializingSingleton, Lifecycle {

		private volatile boolean running;

		@Override
		@CrossProcessLocked(key = "singletons")
		public void afterSingletonsInstantiated() {
		}

		@Override
		@CrossProcessLocked(key = "start")
		public void start() {
			this.running = true;
		}

		@Override
		@CrossProcessLocked(key = "stop")
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	static class Smart implements SmartLifecycle {

		@Override
		public void start() {
		}

		@Override
		@CrossProcessLocked(key = "stop")
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return true;
		}

	}

}
