package org.crossprocesslock.autoconfigure;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.h2.Driver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests that an application that was processed ahead of time has the locks that its
 * properties ask for when it runs, or does not start.
 */
@CompileWithForkedClassLoader
@ExtendWith(OutputCaptureExtension.class)
@Tag("full")
class AheadOfTimeTests {

	private final String directory;

	AheadOfTimeTests(@TempDir Path directory) {
		this.directory = "cross-process-lock.file.directory=" + directory;
	}

	@Test
	void applicationRunsOnTheDatabaseThatItWasProcessedFor() {
		runsWithWhatItWasProcessedWith("auto");
	}

	@Test
	void applicationRunsOnTheFilesThatItWasProcessedFor() {
		runsWithWhatItWasProcessedWith("file");
	}

	@Test
	void applicationRunsInTheMemoryThatItWasProcessedFor() {
		runsWithWhatItWasProcessedWith("memory");
	}

	private void runsWithWhatItWasProcessedWith(String backend) {
		String property = "cross-process-lock.backend=" + backend;
		processedWith(property, (application) -> run(application, (context) -> {
			assertThat(context.getBean(LockBackend.class).name()).isEqualTo(backend.equals("auto") ? "jdbc" : backend);
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("key").orElseThrow()) {
				assertThat(guard.isHeld()).isTrue();
			}
		}, property));
	}

	@Test
	void otherThanTheDatabaseIsRefused() {
		refuses("jdbc", List.of("memory", "file"));
	}

	@Test
	void otherThanTheFilesIsRefused() {
		refuses("file", List.of("memory", "auto", "jdbc"));
	}

	@Test
	void otherThanTheMemoryIsRefused() {
		refuses("memory", List.of("jdbc", "auto"));
	}

	private void refuses(String processed, List<String> others) {
		processedWith("cross-process-lock.backend=" + processed, (application) -> {
			for (String other : others) {
				assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> run(application, (context) -> {
				}, "cross-process-lock.backend=" + other))
					.havingRootCause()
					.isInstanceOf(RefusedStartException.class)
					.withMessageContaining("were set up for the " + processed + " backend")
					.withMessageContaining("ahead of time (AOT)");
			}
		});
	}

	@Test
	void backendThatNobodyCanTellAnyMoreIsRefusedWithTheChoices() {
		processedWith("cross-process-lock.backend=memory",
				(application) -> assertThatExceptionOfType(BeanCreationException.class)
					.isThrownBy(() -> run(application, (context) -> {
					}, "cross-process-lock.backend="))
					.havingRootCause()
					.isInstanceOf(RefusedStartException.class)
					.withMessageContaining(
							"not clear where to keep cross-process locks: cross-process-lock.backend is set")
					.withMessageContaining("cross-process-lock.backend: file"));
	}

	@Test
	void locksThatWereLeftOutAreMissed() {
		processedWith("cross-process-lock.enabled=false", (application) -> {
			assertThatNoException().isThrownBy(() -> run(application, (context) -> {
			}, "cross-process-lock.enabled=false"));
			assertThatExceptionOfType(RefusedStartException.class).isThrownBy(() -> run(application, (context) -> {
			})).withMessageContaining("processed ahead of time (AOT) with cross-process-lock.enabled=false");
		});
	}

	@Test
	void locksThatCannotBeLeftOutAnyMoreAreTold(CapturedOutput output) {
		processedWith("cross-process-lock.enabled=true", (application) -> {
			run(application, (context) -> assertThat(context.getBean(LockManager.class).tryLock("key")).isPresent());
			assertThat(output).doesNotContain("has no effect");
			run(application, (context) -> {
			}, "cross-process-lock.enabled=off");
			assertThat(output).containsOnlyOnce("cross-process-lock.enabled=false has no effect");
		});
	}

	@Test
	void prototypeThatIsMadeTooEarlyIsRefused() {
		refusesJob(EarlyPrototype.class);
	}

	@Test
	void productThatIsMadeTooEarlyIsRefused() {
		refusesJob(EarlyProduct.class);
	}

	private void refusesJob(Class<?> source) {
		String property = "cross-process-lock.backend=memory";
		processed(source, property, (application) -> assertThatThrownBy(() -> run(application, (context) -> {
		}, property)).hasMessageContaining("Job.run")
			.hasMessageContaining("would run it without a lock: it was made before beans are proxied, because 'early' "
					+ "needs it"));
	}

	@Test
	void beansThatAreMadeInTimeAreLocked() {
		processed(InTime.class, "cross-process-lock.backend=memory", (application) -> run(application, (context) -> {
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("job").orElseThrow()) {
				assertThat(guard.isHeld()).isTrue();
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> context.getBean(Job.class).run());
			}
			context.getBean(Job.class).run();
		}, "cross-process-lock.backend=memory"));
	}

	private void processedWith(String property,
			Consumer<ApplicationContextInitializer<GenericApplicationContext>> run) {
		processed(Application.class, property, run);
	}

	private void processed(Class<?> source, String property,
			Consumer<ApplicationContextInitializer<GenericApplicationContext>> run) {
		TestGenerationContext generation = new TestGenerationContext();
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues.of(this.directory, property).applyTo(context);
		context.register(source);
		String initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generation).toString();
		context.close();
		generation.writeGeneratedContent();
		TestCompiler.forSystem().with(generation).compile((compiled) -> {
			@SuppressWarnings("unchecked")
			ApplicationContextInitializer<GenericApplicationContext> generated = compiled
				.getInstance(ApplicationContextInitializer.class, initializer);
			run.accept(Objects.requireNonNull(generated));
		});
	}

	private void run(ApplicationContextInitializer<GenericApplicationContext> application,
			Consumer<GenericApplicationContext> check, String... properties) {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			TestPropertyValues.of(properties).and(this.directory).applyTo(context);
			application.initialize(context);
			context.refresh();
			check.accept(context);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LockAutoConfiguration.class, DisabledLockAutoConfiguration.class,
			CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class })
	public static class Application {

		@Bean
		DataSource dataSource() {
			return new SimpleDriverDataSource(new Driver(), "jdbc:h2:mem:aot;DB_CLOSE_DELAY=-1", "sa", "");
		}

		@Bean(defaultCandidate = false)
		@LockDataSource
		DataSource lockDataSource() {
			return new SimpleDriverDataSource(new Driver(), "jdbc:h2:mem:aot-locks;DB_CLOSE_DELAY=-1", "sa", "");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LockAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
			FencingAutoConfiguration.class })
	public static class InTime {

		@Bean
		@Scope("prototype")
		Job job() {
			return new Job();
		}

	}

	@Configuration(proxyBeanMethods = false)
	public static class EarlyPrototype extends InTime {

		@Bean
		static Early early(Job job) {
			return new Early();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LockAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
			FencingAutoConfiguration.class })
	public static class EarlyProduct {

		@Bean
		static JobFactory jobFactory() {
			return new JobFactory();
		}

		@Bean
		static Early early(Job job) {
			return new Early();
		}

	}

	public static class Early implements BeanFactoryPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

		@Override
		public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		}

	}

	public static class JobFactory implements FactoryBean<Job> {

		@Override
		public Job getObject() {
			return new Job();
		}

		@Override
		public Class<?> getObjectType() {
			return Job.class;
		}

		@Override
		public boolean isSingleton() {
			return false;
		}

	}

	public static class Job {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public void run() {
		}

	}

}
