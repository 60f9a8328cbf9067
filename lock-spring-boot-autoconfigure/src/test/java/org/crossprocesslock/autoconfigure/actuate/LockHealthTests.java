package org.crossprocesslock.autoconfigure.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.actuate.autoconfigure.info.InfoContributorAutoConfiguration;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests for the health of locks, and for what the info endpoint says. */
class LockHealthTests {

	private static final Duration LEASE = Duration.ofSeconds(10);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(HealthContributorRegistryAutoConfiguration.class,
				HealthContributorAutoConfiguration.class, InfoContributorAutoConfiguration.class,
				LockAutoConfiguration.class, LockHealthContributorAutoConfiguration.class,
				LockInfoContributorAutoConfiguration.class));

	private static Health health(ApplicationContext context) {
		HealthContributor contributor = context.getBean(HealthContributorRegistry.class)
			.getContributor("crossProcessLock");
		return Objects.requireNonNull(((HealthIndicator) Objects.requireNonNull(contributor)).health());
	}

	private static Status status(LockReport.Status status, Duration since, @Nullable String reason, boolean leases) {
		LeaseReport lease = leases ? new LeaseReport("holder", null, LEASE, null, null, false, null) : null;
		return LockHealthIndicator.status(new LockReport(status, since, reason, lease, 0, 0, List.of(), List.of()));
	}

	@Test
	void statusSaysForHowLongThereHasBeenNoLease() {
		Duration little = LEASE.minusMillis(1);
		assertThat(status(LockReport.Status.OPEN, LEASE.multipliedBy(9), null, true)).isEqualTo(Status.UP);
		assertThat(status(LockReport.Status.OPENING, little, null, true)).isEqualTo(Status.UNKNOWN);
		assertThat(status(LockReport.Status.OPENING, little, "refused", true)).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(status(LockReport.Status.OPENING, LEASE, null, true)).isEqualTo(Status.DOWN);
		assertThat(status(LockReport.Status.LOST, little, "gone", true)).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(status(LockReport.Status.LOST, LEASE, "gone", true)).isEqualTo(Status.DOWN);
		assertThat(status(LockReport.Status.LOST, Duration.ZERO, "deleted", false)).isEqualTo(Status.DOWN);
		assertThat(status(LockReport.Status.CLOSED, Duration.ZERO, null, true)).isEqualTo(Status.OUT_OF_SERVICE);
	}

	@Test
	void memoryLocksAreUp() {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=memory")
			.run((context) -> assertThat(health(context).getStatus()).isEqualTo(Status.UP));
	}

	@Test
	void aPidLockThatWasLostIsDown(@TempDir Path directory) {
		this.contextRunner
			.withPropertyValues("cross-process-lock.backend=file", "cross-process-lock.file.kind=pid",
					"cross-process-lock.file.directory=" + directory)
			.run((context) -> {
				assertThat(health(context).getStatus()).isEqualTo(Status.UP);
				Files.delete(directory.resolve("LOCK"));
				untilDown(context);
				assertThat(health(context).getDetails().toString()).contains("LOCK");
			});
	}

	@Test
	void aDirectoryThatIsGoneIsDownUntilItIsBack(@TempDir Path base) throws IOException {
		Path directory = Files.createDirectory(base.resolve("locks"));
		this.contextRunner
			.withPropertyValues("cross-process-lock.backend=file", "cross-process-lock.file.kind=per-key",
					"cross-process-lock.file.directory=" + directory)
			.run((context) -> {
				assertThat(health(context).getStatus()).isEqualTo(Status.UP);
				Files.delete(directory);
				untilDown(context);
				assertThat(health(context).getDetails().toString()).contains("does not exist");
				Files.createDirectory(directory);
				until(context, Status.UP);
			});
	}

	private static void untilDown(ApplicationContext context) throws InterruptedException {
		until(context, Status.DOWN);
	}

	private static void until(ApplicationContext context, Status status) throws InterruptedException {
		long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
		while (!health(context).getStatus().equals(status)) {
			assertThat(System.nanoTime() - deadline).as(status.getCode()).isNegative();
			Thread.sleep(20);
		}
	}

	@Test
	void aDatabaseThatIsThereIsUpAndNamesNoKey() {
		this.contextRunner.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.backend=jdbc",
					"spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID())
			.run((context) -> {
				try (var guard = context.getBean(LockManager.class).lock("personal", Duration.ofMinutes(1))) {
					Health health = health(context);
					assertThat(guard.isHeld()).isTrue();
					assertThat(health.getStatus()).isEqualTo(Status.UP);
					assertThat(health.getDetails().toString()).contains("renewedAgo").doesNotContain("personal");
				}
			});
	}

	@Test
	void healthCanBeSwitchedOffAndIsNotThereWithoutItsClasses() {
		ApplicationContextRunner memory = this.contextRunner.withPropertyValues("cross-process-lock.backend=memory");
		memory.withPropertyValues("management.health.cross-process-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("crossProcessLockHealthContributor"));
		memory.withClassLoader(new FilteredClassLoader(HealthContributor.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LockManager.class)
				.doesNotHaveBean("crossProcessLockHealthContributor"));
	}

	@Test
	void infoTellsOfTheBackendAndCanBeSwitchedOff() {
		ApplicationContextRunner memory = this.contextRunner.withPropertyValues("cross-process-lock.backend=memory");
		memory.run((context) -> {
			Info.Builder info = new Info.Builder();
			context.getBean("crossProcessLockInfoContributor", InfoContributor.class).contribute(info);
			assertThat(info.build().getDetails().get("crossProcessLock"))
				.asInstanceOf(InstanceOfAssertFactories.map(String.class, String.class))
				.containsAllEntriesOf(Map.of("backend", "memory", "reach", "THREADS"))
				.containsKey("reason");
		});
		memory.withPropertyValues("management.info.cross-process-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("crossProcessLockInfoContributor"));
		memory.withClassLoader(new FilteredClassLoader(InfoContributor.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("crossProcessLockInfoContributor"));
	}

}
