package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.file.PidLockException;
import org.crossprocesslock.file.SystemLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link FileLockConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class FileLockConfigurationTests {

	private static final LockListener SILENT = new LockListener() {
	};

	private final Path directory;

	private final ApplicationContextRunner contextRunner;

	private final ApplicationContextRunner withDefaultDirectory;

	FileLockConfigurationTests(@TempDir Path directory) throws IOException {
		this.directory = directory.toRealPath();
		ApplicationContextRunner runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class));
		this.contextRunner = runner.withPropertyValues("cross-process-lock.file.directory=" + directory);
		this.withDefaultDirectory = runner.withSystemProperties("user.home=" + directory);
	}

	@Test
	void wholeDirectoryIsLockedByDefault(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			PidFileLockManager manager = context.getBean(PidFileLockManager.class);
			assertThat(manager.getDirectory()).isEqualTo(this.directory);
			assertThat(manager.getSystemLock()).isEqualTo(SystemLock.FCNTL);
			assertThat(this.directory.resolve("LOCK")).hasContent(String.valueOf(ProcessHandle.current().pid()));
			assertThat(output).contains("INFO")
				.contains("Locks use the file backend in " + this.directory + ", one process at a time");
			hasKeys(context);
		});
	}

	@ParameterizedTest
	@CsvSource({ "fcntl,FCNTL", "FCNTL,FCNTL", "flock,FLOCK" })
	void pidLockIsTheSystemLockAskedFor(String value, SystemLock kind) {
		this.contextRunner.withPropertyValues("cross-process-lock.file.pid.system-lock=" + value).run((context) -> {
			assertThat(context.getBean(PidFileLockManager.class).getSystemLock()).isEqualTo(kind);
			hasKeys(context);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "per-key", "PER_KEY", "perkey" })
	void keysAreLockedOneByOneWhereAskedFor(String value, CapturedOutput output) {
		this.contextRunner.withPropertyValues("cross-process-lock.file.kind=" + value).run((context) -> {
			assertThat(context.getBean(PerKeyFileLockManager.class).getDirectory()).isEqualTo(this.directory);
			assertThat(context).hasSingleBean(LockManager.class);
			assertThat(output).contains("Locks use the file backend in " + this.directory + ", key by key");
			hasKeys(context);
			assertThat(this.directory.resolve("key.lock")).exists();
			assertThat(this.directory.resolve("LOCK")).doesNotExist();
		});
	}

	@Test
	void startsWithoutTheLibraryThatOnlyFlockNeeds() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("com.sun.jna"))
			.run(FileLockConfigurationTests::hasKeys);
	}

	@ParameterizedTest
	@EnumSource
	void secondProcessIsRefusedUntilTheFirstHasEnded(SystemLock kind) throws IOException {
		ApplicationContextRunner ofKind = this.contextRunner
			.withPropertyValues("cross-process-lock.file.pid.system-lock=" + kind);
		try (LockingProcess other = LockingProcess.start(this.directory, kind)) {
			ofKind.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(PidLockException.AlreadyHeld.class, (refusal) -> {
					assertThat(refusal.getPid()).isEqualTo(OptionalLong.of(other.pid()));
					assertThat(refusal.getDirectory()).isEqualTo(this.directory);
				}));
		}
		ofKind.run(FileLockConfigurationTests::hasKeys);
	}

	@Test
	void secondProcessIsRefusedAtItsStartThoughItsBeansAreLazy() throws IOException {
		try (LockingProcess other = LockingProcess.start(this.directory, SystemLock.FCNTL)) {
			this.contextRunner.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
				.run((context) -> assertThat(context).getFailure()
					.rootCause()
					.isInstanceOf(PidLockException.AlreadyHeld.class)
					.hasMessageContaining(String.valueOf(other.pid())));
		}
	}

	@Test
	void secondProcessMayStartWhereKeysAreLockedOneByOne() throws IOException {
		try (LockingProcess other = LockingProcess.start(this.directory.resolve("."), SystemLock.FCNTL)) {
			assertThat(other.pid()).isPositive();
			this.contextRunner.withPropertyValues("cross-process-lock.file.kind=per-key")
				.run(FileLockConfigurationTests::hasKeys);
		}
	}

	@Test
	void twoContextsShareOneLockUntilBothAreClosed() {
		this.contextRunner.run((one) -> {
			LockManager locks = one.getBean(LockManager.class);
			this.contextRunner.run((other) -> {
				assertThat(other).hasNotFailed();
				assertThat(other.getBean(LockManager.class)).isNotSameAs(locks);
				try (LockGuard guard = other.getBean(LockManager.class).tryLock("shared").orElseThrow()) {
					assertThat(locks.tryLock("shared")).isEmpty();
				}
			});
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class)
				.isThrownBy(() -> PidFileLockManager.platformDefault(this.directory, SILENT));
			hasKeys(one);
		});
		PidFileLockManager.platformDefault(this.directory, SILENT).close();
	}

	@Test
	void directoryIsOneOfTheUserAndTheApplicationByDefault(CapturedOutput output) {
		Path expected = this.directory.resolve(".cross-process-lock").resolve("web-shop");
		this.withDefaultDirectory.withPropertyValues("spring.application.name=web-shop").run((context) -> {
			assertThat(expected).doesNotExist();
			hasKeys(context);
			assertThat(expected.resolve("LOCK")).exists();
			assertThat(output).contains("INFO").contains("in " + expected + ", ");
		});
	}

	@Test
	void defaultDirectoryIsTheSameAtTheNextStart() {
		ApplicationContextRunner named = this.withDefaultDirectory.withPropertyValues("spring.application.name=Büro");
		named.run(FileLockConfigurationTests::hasKeys);
		named.run(FileLockConfigurationTests::hasKeys);
		assertThat(this.directory.resolve(".cross-process-lock").toFile().list()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "..", ".", "/", "a/b", "a\\b", "..\\a", "a:b", "a*", "C:", "Büro", "請求", "a b",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" })
	void nameThatIsNoFileNameIsMadeOne(String application) {
		this.withDefaultDirectory.withPropertyValues("spring.application.name=" + application).run((context) -> {
			hasKeys(context);
			Path used = made().get(0);
			assertThat(used.getFileName().toString()).matches("[A-Za-z0-9_-][A-Za-z0-9._-]*-[0-9a-f]{1,8}")
				.hasSizeLessThanOrEqualTo(109);
		});
	}

	@Test
	void namesThatDifferInUnusableCharactersGetTwoDirectories() {
		this.withDefaultDirectory.withPropertyValues("spring.application.name=請求").run((one) -> {
			hasKeys(one);
			this.withDefaultDirectory.withPropertyValues("spring.application.name=発注")
				.run(FileLockConfigurationTests::hasKeys);
			assertThat(made()).hasSize(2);
		});
	}

	@Test
	void packageNamesTheApplicationThatHasNoOtherName() {
		this.withDefaultDirectory.withUserConfiguration(Application.class).run((context) -> {
			hasKeys(context);
			assertThat(made()).containsExactly(
					this.directory.resolve(".cross-process-lock").resolve(Application.class.getPackageName()));
		});
	}

	@Test
	void relativeDirectoryIsThatOfTheWorkingDirectoryAndNotOfTheClassPath() {
		assertThat(getClass().getResource("/META-INF")).isNotNull();
		this.contextRunner.withPropertyValues("cross-process-lock.file.directory=META-INF")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining(Path.of("META-INF").toString()));
		assertThat(Files.exists(Path.of("META-INF"))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "kind=paper", "pid.system-lock=paper" })
	void unknownKindIsRefused(String property) {
		this.contextRunner.withPropertyValues("cross-process-lock.file." + property)
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("paper"));
	}

	/** The directories of applications in the user's home. */
	private List<Path> made() throws IOException {
		try (Stream<Path> made = Files.list(this.directory.resolve(".cross-process-lock"))) {
			return made.toList();
		}
	}

	private static void hasKeys(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		LockManager locks = context.getBean(LockManager.class);
		try (LockGuard guard = locks.tryLock("key").orElseThrow()) {
			assertThat(guard.isHeld()).isTrue();
			assertThat(locks.tryLock("key")).isEmpty();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	static class Application {

	}

}
