package org.crossprocesslock.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import javax.sql.DataSource;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for applications that have locks and do not use them.
 */
class UnusedLocksTests {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final String userHome = System.getProperty("user.home");

	private final Path home;

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
				FencingAutoConfiguration.class))
		.withPropertyValues("spring.application.name=unused");

	private final ApplicationContextRunner withDatabase = this.contextRunner
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=jdbc:h2:mem:unused;DB_CLOSE_DELAY=-1",
				"spring.datasource.username=sa", "spring.datasource.hikari.maximum-pool-size=1");

	UnusedLocksTests(@TempDir Path home) {
		this.home = home;
	}

	@BeforeEach
	void moveHome() {
		System.setProperty("user.home", this.home.toString());
	}

	@AfterEach
	void moveBack() {
		System.setProperty("user.home", this.userHome);
	}

	@Test
	void nobodyHasALeaseOrAConnectionOrAThreadUntilTheFirstLock() {
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		this.withDatabase.run((context) -> {
			JdbcTemplate jdbc = jdbc(context);
			assertThat(status(context)).isEqualTo(LockReport.Status.NOT_OPENED);
			assertThat(leases(jdbc)).isZero();
			assertThat(jdbc.queryForObject("select count(*) from information_schema.sessions", Integer.class)).isOne();
			assertThat(keepers(before)).isEmpty();
			context.getBean(LockManager.class).lock("key", WAIT).close();
			assertThat(status(context)).isEqualTo(LockReport.Status.OPEN);
			assertThat(leases(jdbc)).isOne();
			assertThat(keepers(before)).isNotEmpty();
		});
	}

	@Test
	void leaseIsThereAtOnceWhereItFreesTheKeysOfAPredecessor() {
		this.withDatabase.withPropertyValues("cross-process-lock.jdbc.lease.holder-name=stable").run((context) -> {
			for (long end = System.nanoTime() + WAIT.toNanos(); leases(jdbc(context)) == 0
					&& System.nanoTime() < end;) {
				Thread.onSpinWait();
			}
			assertThat(leases(jdbc(context))).isOne();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "pid", "per-key" })
	void directoryIsMadeWithTheFirstLock(String kind) {
		this.contextRunner.withPropertyValues("cross-process-lock.file.kind=" + kind).run((context) -> {
			assertThat(this.home).isEmptyDirectory();
			LockManager locks = context.getBean(LockManager.class);
			assertThat(status(context)).isEqualTo(LockReport.Status.NOT_OPENED);
			assertThat(locks.inspection().orElseThrow().report("key").held()).isEmpty();
			assertThat(locks.inspection().orElseThrow().release("key", 1)).isFalse();
			locks.lock("key", WAIT).close();
			assertThat(this.home.resolve(".cross-process-lock/unused")).isDirectory();
			assertThat(status(context)).isEqualTo(LockReport.Status.OPEN);
		});
		// the second start finds it there
		this.contextRunner.run((context) -> assertThat(status(context)).isEqualTo(LockReport.Status.OPEN));
	}

	@Test
	void everyWayToAskMakesTheDirectory() {
		List<Asking> ways = List.of((locks) -> locks.tryLock("key").orElseThrow().close(),
				(locks) -> locks.tryLock(LockRequest.of("key", WAIT)).orElseThrow().close(),
				(locks) -> locks.lockAll(List.of("key"), WAIT).close(),
				(locks) -> locks.lockAsync(LockRequest.of("key", WAIT)).join().close(),
				(locks) -> locks.callLocked(LockRequest.of("key", WAIT), () -> true),
				(locks) -> locks.runLocked(LockRequest.of("key", WAIT), () -> {
				}));
		for (int i = 0; i < ways.size(); i++) {
			Asking way = ways.get(i);
			String application = "asked-" + i;
			this.contextRunner.withPropertyValues("spring.application.name=" + application).run((context) -> {
				way.ask(context.getBean(LockManager.class));
				assertThat(this.home.resolve(".cross-process-lock").resolve(application)).isDirectory();
			});
		}
	}

	@Test
	void directoryOfAnnotatedMethodsIsThereAfterTheStart() {
		this.contextRunner.withBean(Locked.class).run((context) -> {
			assertThat(this.home.resolve(".cross-process-lock/unused/LOCK")).exists();
			assertThat(status(context)).isEqualTo(LockReport.Status.OPEN);
		});
	}

	@Test
	void directoryThatCannotBeMadeIsRefusedAtTheStartAlthoughItIsNotNeededYet() throws Exception {
		Files.writeString(this.home.resolve(".cross-process-lock"), "a file");
		this.contextRunner.run((context) -> assertThat(context).getFailure()
			.rootCause()
			.hasMessageContaining(this.home.resolve(".cross-process-lock").toString()));
	}

	@Test
	void directoryThatCannotBeMadeAnyMoreFailsTheRequestOnly() {
		this.contextRunner.run((context) -> {
			Path above = Files.writeString(this.home.resolve(".cross-process-lock"), "a file");
			LockManager locks = context.getBean(LockManager.class);
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> locks.tryLock("key"))
				.withMessageContaining(above.toString())
				.matches(LockStoreException::isPermanent);
			assertThat(locks.lockAsync(LockRequest.of("key", WAIT))).isCompletedExceptionally();
			Files.delete(above);
			locks.lock("key", WAIT).close();
		});
	}

	@Test
	void whoHasAskedInVainIsNotTakenForOneWhoHasNotAsked() {
		this.contextRunner.run((context) -> {
			Path above = Files.writeString(this.home.resolve(".cross-process-lock"), "a file");
			LockManager locks = context.getBean(LockManager.class);
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> locks.tryLock("key"));
				assertThat(status(context)).isEqualTo(LockReport.Status.OPENING);
				assertThat(locks.inspection().orElseThrow().report(10).reason()).contains(above.toString());
			}
			Files.delete(above);
			locks.lock("key", WAIT).close();
			assertThat(status(context)).isEqualTo(LockReport.Status.OPEN);
			assertThat(locks.inspection().orElseThrow().report(10).reason()).isNull();
		});
	}

	@Test
	void managerThatWasClosedUnusedMakesNothing() {
		this.contextRunner.run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			locks.close();
			assertThat(status(context)).isEqualTo(LockReport.Status.CLOSED);
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> locks.tryLock("key"));
			assertThat(this.home).isEmptyDirectory();
		});
	}

	private static JdbcTemplate jdbc(ApplicationContext context) {
		return new JdbcTemplate(context.getBean(DataSource.class));
	}

	private static int leases(JdbcTemplate jdbc) {
		return Objects.requireNonNull(jdbc.queryForObject("select count(*) from cross_process_lease", Integer.class));
	}

	private static LockReport.Status status(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean(LockManager.class).inspection().orElseThrow().report(10).status();
	}

	/** Threads that keep a lease, of contexts that came later. */
	private static List<String> keepers(Set<Thread> before) {
		Map<Thread, StackTraceElement[]> now = Thread.getAllStackTraces();
		return now.keySet()
			.stream()
			.filter((thread) -> !before.contains(thread))
			.map(Thread::getName)
			.filter((name) -> name.startsWith("cross-process-lock-lease") || name.startsWith("cross-process-lock-keys")
					|| name.startsWith("cross-process-lock-timer") || name.startsWith("cross-process-lock-listener"))
			.toList();
	}

	/** Asks for a lock. */
	private interface Asking {

		void ask(LockManager locks) throws Exception;

	}

	/** Will ask for locks. */
	static class Locked {

		@CrossProcessLocked(key = "key")
		void work() {
		}

	}

}
