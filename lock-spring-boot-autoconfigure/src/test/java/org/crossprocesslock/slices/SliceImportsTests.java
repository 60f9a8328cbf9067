package org.crossprocesslock.slices;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.autoconfigure.TestSliceLockAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.data.jpa.test.autoconfigure.AutoConfigureDataJpa;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureJdbc;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is imported into slices, and for those without a DataSource.
 */
class SliceImportsTests {

	private static final Class<?>[] IMPORTED = ImportCandidates.load(AutoConfigureJdbc.class, null)
		.getCandidates()
		.stream()
		.filter((name) -> name.startsWith("org.crossprocesslock."))
		.map((name) -> ClassUtils.resolveClassName(name, null))
		.toArray(Class<?>[]::new);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IMPORTED))
		.withBean(Work.class);

	@ParameterizedTest
	@ValueSource(strings = { "", "cross-process-lock.backend=jdbc", "cross-process-lock.backend=file",
			"cross-process-lock.fencing=required" })
	void withoutADataSourceLocksAreInMemoryWhateverTheApplicationSays(String property) {
		this.runner.withPropertyValues(property).run((context) -> {
			assertThat(context).hasNotFailed().getBean(LockManager.class).isInstanceOf(MemoryLockManager.class);
			assertThat(context.getBean(Work.class).isLocked(context.getBean(LockManager.class))).isTrue();
		});
	}

	@Test
	void everySliceImportsTheSame() throws Exception {
		List<Resource> files = List.of(new PathMatchingResourcePatternResolver()
			.getResources("classpath*:META-INF/spring/org.springframework.boot.*.test.autoconfigure.*.imports"));
		List<String> ours = files.stream()
			.filter((file) -> text(file).contains("org.crossprocesslock"))
			.map(SliceImportsTests::text)
			.toList();
		assertThat(ours).hasSizeGreaterThan(15).allMatch(ours.get(0)::equals);
		assertThat(ImportCandidates.load(AutoConfigureDataJpa.class, null).getCandidates())
			.contains(TestSliceLockAutoConfiguration.class.getName());
	}

	@Test
	void noApplicationImportsWhatIsForSlices() {
		assertThat(ImportCandidates.load(AutoConfiguration.class, null).getCandidates())
			.doesNotContain(TestSliceLockAutoConfiguration.class.getName());
	}

	private static String text(Resource file) {
		try {
			return file.getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static class Work {

		@CrossProcessLocked(key = "work", fencing = Fencing.REQUIRED)
		public boolean isLocked(LockManager locks) {
			return locks.tryLock("work").isEmpty();
		}

	}

}
