package org.crossprocesslock.autoconfigure.fencing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedRuntimeException;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions of JPA that commit under a lock or not at all.
 */
class FencedJpaTests {

	private final FencedApplication application = new FencedApplication();

	private final ApplicationContextRunner runner = this.application.runner()
		.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
		.withUserConfiguration(Persistence.class)
		.withPropertyValues("spring.jpa.hibernate.ddl-auto=none", "cross-process-lock.fencing=required")
		.withBean(Inner.class)
		.withBean(Service.class);

	@Test
	void transactionCommitsWithOneStatementMore() {
		this.runner.run((context) -> {
			assertThat(context.getBean(PlatformTransactionManager.class)).isInstanceOf(JpaTransactionManager.class);
			this.application.dataSource.clear();
			context.getBean(Service.class).save(1, () -> {
			});
			assertThat(this.application.rows()).containsExactly(1);
			assertThat(this.application.dataSource.ofThisThread()).hasSize(2)
				.filteredOn((sql) -> sql.contains("CROSS_PROCESS_LOCK"))
				.hasSize(1);
		});
	}

	@Test
	void transactionMayWorkInTheSchemaOfATenant() {
		this.application.elsewhere.execute("create schema tenant");
		this.application.elsewhere.execute("create table tenant.work (id int primary key)");
		this.application.elsewhere.execute("create table tenant.cross_process_lock (lock_key varchar(200), "
				+ "lease_id varchar(36), token bigint)");
		this.runner.run((context) -> {
			this.application.dataSource.setSchemaOfThisThread("TENANT");
			context.getBean(Service.class).save(7, () -> {
			});
			assertThat(this.application.rows()).isEmpty();
			assertThat(this.application.elsewhere.queryForList("select id from tenant.work", Integer.class))
				.containsExactly(7);
		});
	}

	@Test
	void transactionRollsBackWhenTheKeyWasTakenBeforeItsEntitiesAreWritten() {
		this.runner.run((context) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(
					() -> context.getBean(Service.class).save(1, () -> this.application.anotherProcessTakes("key")));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@Test
	void innerTransactionIsCheckedOnItsOwn() {
		this.runner.run((context) -> {
			Inner inner = context.getBean(Inner.class);
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> context.getBean(Service.class).save(1, () -> {
					inner.save(2);
					this.application.anotherProcessTakes("key");
					assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> inner.save(3));
				}));
			assertThat(this.application.rows()).containsExactly(2);
		});
	}

	@Test
	void keyIsNotHandedOnAfterACommitThatHasFailed() {
		this.runner.run((context) -> {
			LockManager locks = context.getBean(LockManager.class);
			AtomicLong token = new AtomicLong();
			CompletableFuture<Long> next = new CompletableFuture<>();
			assertThatExceptionOfType(NestedRuntimeException.class)
				.isThrownBy(() -> context.getBean(Service.class).save(1, () -> {
					token.set(this.application.tokenOf("key"));
					var unused = locks.lockAsync(LockRequest.of("key", Duration.ofSeconds(30))).thenAccept((guard) -> {
						next.complete(guard.fencingToken());
						guard.close();
					});
					this.application.dataSource.failCommitOfThisThread();
				}));
			assertThat(next.get(30, TimeUnit.SECONDS) - token.get()).as("an acquisition by SQL")
				.isGreaterThanOrEqualTo(1_000);
		});
	}

	/** Finds the entity. */
	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	static class Persistence {

	}

	/** A row. */
	@Entity
	@Table(name = "work")
	static class Work {

		@Id
		@SuppressWarnings("unused") // written to the database
		private int id;

		Work() {
		}

		Work(int id) {
			this.id = id;
		}

	}

	/** Work of its own inside the work. */
	static class Inner {

		private final EntityManager entities;

		Inner(EntityManager entities) {
			this.entities = entities;
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void save(int id) {
			this.entities.persist(new Work(id));
		}

	}

	/** Work under a lock. */
	static class Service {

		private final EntityManager entities;

		Service(EntityManager entities) {
			this.entities = entities;
		}

		@CrossProcessLocked(key = "key")
		@Transactional
		public void save(int id, Runnable meanwhile) {
			this.entities.persist(new Work(id));
			meanwhile.run();
		}

	}

}
