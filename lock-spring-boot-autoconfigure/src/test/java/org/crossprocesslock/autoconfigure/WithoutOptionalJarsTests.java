package org.crossprocesslock.autoconfigure;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests with a class path that has what the starter brings and nothing else, where a
 * class that refers to an absent one cannot be loaded.
 */
class WithoutOptionalJarsTests {

	private static final String[] OF_THE_STARTER = { "classes", "lock-core", "spring-boot-4",
			"spring-boot-autoconfigure-4", "spring-boot-sql-4", "spring-core", "spring-beans", "spring-context",
			"spring-aop", "spring-expression", "micrometer-commons", "micrometer-observation", "commons-logging",
			"slf4j-api", "logback", "jspecify" };

	@Test
	void annotatedMethodsRunUnderALockOnAFile(@TempDir Path directory) throws Exception {
		assertThat(run(OF_THE_STARTER, "--cross-process-lock.file.directory=" + directory))
			.isEqualTo("PidFileLockManager, held true");
	}

	@Test
	void annotatedMethodsRunUnderALockWithoutMicrometer(@TempDir Path directory) throws Exception {
		String[] left = Stream.of(OF_THE_STARTER)
			.filter((name) -> !name.startsWith("micrometer"))
			.toArray(String[]::new);
		assertThat(run(left, "--cross-process-lock.file.directory=" + directory))
			.isEqualTo("PidFileLockManager, held true");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void flockIsRefusedWithWhatItNeeds(@TempDir Path directory, CapturedOutput output) {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> run(OF_THE_STARTER, "--cross-process-lock.file.directory=" + directory,
					"--cross-process-lock.file.pid.system-lock=flock"))
			.havingRootCause()
			.isInstanceOf(ClassNotFoundException.class)
			.withMessageContaining("com.sun.jna");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Add the library net.java.dev.jna:jna")
			.contains("cross-process-lock.file.pid.system-lock=fcntl");
	}

	private static Object run(String[] jars, String... args) throws Exception {
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader classes = new URLClassLoader(classPath(jars), ClassLoader.getPlatformClassLoader())) {
			Thread.currentThread().setContextClassLoader(classes);
			Class<?> application = classes.loadClass(Application.class.getName());
			@SuppressWarnings("unchecked") // the same class, loaded by another loader
			Function<String[], String> run = (Function<String[], String>) application.getDeclaredConstructor()
				.newInstance();
			return run.apply(args);
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
		}
	}

	private static URL[] classPath(String[] jars) {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		return Arrays.stream(classPath.split(File.pathSeparator))
			.map(File::new)
			.filter((entry) -> entry.getName().endsWith("classes")
					|| Stream.of(jars).anyMatch(entry.getName()::startsWith))
			.map(WithoutOptionalJarsTests::url)
			.toArray(URL[]::new);
	}

	private static URL url(File file) {
		try {
			return file.toURI().toURL();
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Runs in the small class path. */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Application implements Function<String[], String> {

		@Override
		public String apply(String[] args) {
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
				.web(WebApplicationType.NONE)
				.run(args)) {
				return context.getBean(LockManager.class).getClass().getSimpleName() + ", held "
						+ context.getBean(Work.class).isLocked(context.getBean(LockManager.class));
			}
		}

		@Bean
		Work work() {
			return new Work();
		}

	}

	/** A bean with a lock. */
	public static class Work {

		@CrossProcessLocked(key = "work")
		public boolean isLocked(LockManager locks) {
			return locks.tryLock("work").isEmpty();
		}

	}

}
