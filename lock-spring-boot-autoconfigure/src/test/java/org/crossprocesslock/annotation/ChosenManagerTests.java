package org.crossprocesslock.annotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the choice of a {@link LockManager} bean by {@link CrossProcessLocked}.
 */
class ChosenManagerTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class,
				CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withPropertyValues("locks=fast");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	private LockManager in(String name) {
		try {
			// locks in memory are the same for all managers
			return PerKeyFileLockManager.open(Files.createDirectories(this.directory.resolve(name)),
					new LockListener() {
					});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private ApplicationContextRunner both() {
		return this.contextRunner
			.withBean("usual", LockManager.class, () -> in("usual"), (definition) -> definition.setPrimary(true))
			.withBean("other", LockManager.class, () -> in("other"))
			.withInitializer((context) -> context.getBeanFactory().registerAlias("other", "fast"));
	}

	@Test
	void eachMethodIsLockedByTheManagerItNames() {
		both().withBean(Work.class).run((context) -> {
			LockManager usual = context.getBean("usual", LockManager.class);
			LockManager other = context.getBean("other", LockManager.class);
			Work work = context.getBean(Work.class);
			work.byOther(() -> {
				assertThat(other.tryLock("same")).isEmpty();
				assertThat(usual.tryLock("same")).hasValueSatisfying((guard) -> guard.close());
				// the same key of another manager is another lock, and both are
				// re-entrant
				work.byUsual(() -> {
					assertThat(usual.tryLock("same")).isEmpty();
					work.byAlias(() -> work.byName(() -> assertThat(other.tryLock("same")).isEmpty()));
				});
				assertThat(usual.tryLock("same")).hasValueSatisfying((guard) -> guard.close());
			});
			assertThat(other.tryLock("same")).isPresent();
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> work.byAlias(() -> {
			}));
		});
	}

	@Test
	void aManagerThatIsNotThereIsRefused() {
		both().withBean(Unknown.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("Unknown.run")
				.hasMessageContaining("no LockManager bean 'nowhere'")
				.hasMessageContaining("[usual, other]"));
	}

	@Test
	void severalWithoutAPrimaryOneAreFineWhereAllMethodsNameOne() {
		this.contextRunner.withBean("one", LockManager.class, () -> in("one"))
			.withBean("two", LockManager.class, () -> in("two"))
			.withBean(Named.class)
			.run((context) -> {
				context.getBean(Named.class).run(() -> {
					assertThat(context.getBean("two", LockManager.class).tryLock("same")).isEmpty();
					assertThat(context.getBean("one", LockManager.class).tryLock("same")).isPresent();
				});
			});
	}

	static class Work {

		@CrossProcessLocked(key = "same")
		public void byUsual(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "same", manager = "other")
		public void byOther(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "same", manager = "${locks}", waitTime = "0s")
		public void byAlias(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "same", manager = "usual", waitTime = "0s")
		public void byName(Runnable work) {
			work.run();
		}

	}

	static class Unknown {

		@CrossProcessLocked(key = "same", manager = "nowhere")
		public void run() {
		}

	}

	static class Named {

		@CrossProcessLocked(key = "same", manager = "two")
		public void run(Runnable work) {
			work.run();
		}

	}

}
