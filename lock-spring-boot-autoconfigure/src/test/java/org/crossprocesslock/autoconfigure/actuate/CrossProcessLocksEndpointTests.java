package org.crossprocesslock.autoconfigure.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.Holder;
import org.crossprocesslock.KeyReport;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.StoreReport;
import org.crossprocesslock.StoredKey;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.actuate.CrossProcessLocksEndpoint.StoreList;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Held;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Locks;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Manager;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Method;
import org.crossprocesslock.autoconfigure.actuate.LockDescriptors.Outcome;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.ProxyFactoryBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Tests for {@link CrossProcessLocksEndpoint} and its auto-configuration. */
class CrossProcessLocksEndpointTests {

	private static final String SHOW = "management.endpoint.crossprocesslocks.show-keys=";

	private static final Duration WAIT = Duration.ofMinutes(1);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class, LockAutoConfiguration.class,
				FencingAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
				CrossProcessLocksEndpointAutoConfiguration.class))
		.withPropertyValues("cross-process-lock.backend=memory", "management.endpoints.web.exposure.include=*");

	private static Locks locks(CrossProcessLocksEndpoint endpoint) {
		return endpoint.locks(null, null, null);
	}

	private static List<Held> held(Locks locks, String manager) {
		return Objects.requireNonNull(Objects.requireNonNull(locks.lockManagers().get(manager)).held());
	}

	@Test
	void isThereOnlyIfExposed() {
		this.contextRunner.run((context) -> assertThat(context).hasSingleBean(CrossProcessLocksEndpoint.class)
			.hasSingleBean(CrossProcessLocksEndpointWebExtension.class));
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=health")
			.run((context) -> assertThat(context).doesNotHaveBean(CrossProcessLocksEndpoint.class)
				.doesNotHaveBean(CrossProcessLocksEndpointWebExtension.class));
		this.contextRunner.withPropertyValues("management.endpoint.crossprocesslocks.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(CrossProcessLocksEndpoint.class));
	}

	@Test
	void isNotThereWithoutActuatorAndWithoutAuditsSaysNothing() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LockManager.class)
				.doesNotHaveBean("crossProcessLocksEndpoint"));
		this.contextRunner.withClassLoader(new FilteredClassLoader(AuditApplicationEvent.class))
			.withPropertyValues(SHOW + "always")
			.run((context) -> {
				LockGuard guard = context.getBean(LockManager.class).lock("key", WAIT);
				assertThat(context.getBean(CrossProcessLocksEndpoint.class)
					.release("key", guard.fencingToken(), null)
					.outcome()).isEqualTo(Outcome.RELEASED);
			});
		this.contextRunner.withClassLoader(new FilteredClassLoader(EndpointWebExtension.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("crossProcessLocksEndpointWebExtension"));
	}

	@Test
	void endOfALeaseThatTheStoreDoesNotAnswerIsNotKnownAndAudited() {
		StoreInspection store = Mockito.mock(StoreInspection.class);
		Holder other = new Holder("lease", "other", Duration.ofSeconds(5), false);
		Mockito.when(store.look("key"))
			.thenReturn(new StoreReport(Instant.EPOCH, List.of(new StoredKey("key", 7, other, null)), false));
		Mockito.when(store.endLease("key", 7))
			.thenThrow(new LockStoreException("no answer", new IllegalStateException(), false));
		LockInspection inspection = Mockito.mock(LockInspection.class);
		LockReport report = new LockReport(LockReport.Status.OPEN, Duration.ZERO, null, null, 0, 0, List.of(),
				List.of());
		Mockito.when(inspection.report(Mockito.anyInt())).thenReturn(report);
		Mockito.when(inspection.report("key")).thenReturn(new KeyReport("key", List.of(), null));
		Mockito.when(inspection.store()).thenReturn(Optional.of(store));
		LockManager manager = Mockito.mock(LockManager.class);
		Mockito.when(manager.inspection()).thenReturn(Optional.of(inspection));
		List<Object> audited = new ArrayList<>();
		this.contextRunner.withPropertyValues(SHOW + "always")
			.withBean(LockManager.class, () -> manager)
			.withInitializer((context) -> context.addApplicationListener((event) -> {
				if (event instanceof AuditApplicationEvent audit) {
					audited.add(Objects.requireNonNull(audit.getAuditEvent().getData().get("leaseId")));
				}
			}))
			.run((context) -> {
				CrossProcessLocksEndpointWebExtension web = context
					.getBean(CrossProcessLocksEndpointWebExtension.class);
				assertThat(web.release(SecurityContext.NONE, "key", 7, null).getStatus()).isEqualTo(503);
				assertThat(audited).containsExactly("lease");
				Mockito.when(store.look("key"))
					.thenThrow(new LockStoreException("no answer", new IllegalStateException(), false));
				assertThat(web.release(SecurityContext.NONE, "key", 7, null).getStatus()).isEqualTo(503);
				assertThat(audited).hasSize(1);
			});
	}

	@Test
	void keysAreForThoseWhoMaySeeThem() {
		assertThat(shownKey("never", Who.AUTHENTICATED)).isEqualTo("******");
		assertThat(shownKey("when-authorized", SecurityContext.NONE)).isEqualTo("******");
		assertThat(shownKey("when-authorized", Who.AUTHENTICATED)).isEqualTo("personal");
		assertThat(shownKey("always", SecurityContext.NONE)).isEqualTo("personal");
		assertThat(shownKey("when-authorized\nmanagement.endpoint.crossprocesslocks.roles=admin", Who.AUTHENTICATED))
			.isEqualTo("******");
		assertThat(shownKey("when-authorized\nmanagement.endpoint.crossprocesslocks.roles=operator", Who.AUTHENTICATED))
			.isEqualTo("personal");
	}

	private @Nullable String shownKey(String show, SecurityContext who) {
		String[] found = new String[1];
		this.contextRunner.withPropertyValues((SHOW + show).split("\n")).run((context) -> {
			CrossProcessLocksEndpointWebExtension web = context.getBean(CrossProcessLocksEndpointWebExtension.class);
			LockManager manager = context.getBean(LockManager.class);
			try (LockGuard guard = manager.lock("personal", WAIT)) {
				var waits = manager.lockAsync(LockRequest.of("personal", WAIT));
				Locks locks = Objects.requireNonNull(web.locks(who, null, null, null).getBody());
				Manager described = locks.lockManagers().values().iterator().next();
				found[0] = Objects.requireNonNull(described.held()).get(0).key();
				assertThat(Objects.requireNonNull(described.waiting()).get(0).key()).isEqualTo(found[0]);
				int expected = found[0].equals("personal") ? WebEndpointResponse.STATUS_OK : 403;
				assertThat(web.key(who, "personal").getStatus()).isEqualTo(expected);
				assertThat(web.key(who, "other").getStatus()).isEqualTo(expected);
				assertThat(web.locks(who, 1, StoreList.KEYS, "personak").getStatus()).isEqualTo(expected);
				assertThat(web.locks(who, 1, StoreList.KEYS, null).getStatus()).isEqualTo(200);
				assertThat(web.locks(who, 1, StoreList.HOLDERS, "lease").getStatus()).isEqualTo(200);
				assertThat(web.release(who, "personal", 1, null).getStatus()).isEqualTo((expected == 403) ? 403 : 409);
				assertThat(web.release(who, "other", 1, null).getStatus()).isEqualTo((expected == 403) ? 403 : 404);
				waits.cancel(false);
				assertThat(guard.isHeld()).isTrue();
			}
		});
		return found[0];
	}

	@Test
	void withoutTheWebKeysAreThereOnlyIfForAll() {
		this.contextRunner.run((context) -> {
			CrossProcessLocksEndpoint endpoint = context.getBean(CrossProcessLocksEndpoint.class);
			try (LockGuard guard = context.getBean(LockManager.class).lock("personal", WAIT)) {
				assertThat(locks(endpoint).toString()).doesNotContain("personal");
				assertThatExceptionOfType(InvalidEndpointRequestException.class)
					.isThrownBy(() -> endpoint.key("personal"));
				assertThatExceptionOfType(InvalidEndpointRequestException.class)
					.isThrownBy(() -> endpoint.locks(1, StoreList.KEYS, "personak"));
				assertThatExceptionOfType(InvalidEndpointRequestException.class)
					.isThrownBy(() -> endpoint.release("personal", guard.fencingToken(), null));
				assertThat(guard.isHeld()).isTrue();
			}
		});
	}

	@Test
	void severalManagersAreToldApart() {
		this.contextRunner.withPropertyValues(SHOW + "always")
			.withUserConfiguration(SeveralManagers.class)
			.run((context) -> {
				CrossProcessLocksEndpoint endpoint = context.getBean(CrossProcessLocksEndpoint.class);
				LockGuard guard = context.getBean("second", LockManager.class).lock("key", WAIT);
				Map<String, Manager> managers = locks(endpoint).lockManagers();
				assertThat(managers).containsOnlyKeys("first", "second", "wrapping", "proxied", "mocked");
				assertThat(held(locks(endpoint), "first")).isEmpty();
				assertThat(held(locks(endpoint), "second")).singleElement().extracting(Held::key).isEqualTo("key");
				assertThat(held(locks(endpoint), "wrapping")).hasSize(1);
				assertThat(held(locks(endpoint), "proxied")).hasSize(1);
				assertThat(Objects.requireNonNull(managers.get("mocked")).status()).isNull();
				assertThatExceptionOfType(InvalidEndpointRequestException.class)
					.isThrownBy(() -> endpoint.release("key", guard.fencingToken(), null))
					.withMessageContaining("second");
				assertThat(endpoint.release("key", guard.fencingToken(), "first").outcome())
					.isEqualTo(Outcome.NOT_HELD);
				assertThat(endpoint.release("key", guard.fencingToken(), "second").outcome())
					.isEqualTo(Outcome.RELEASED);
			});
	}

	@Test
	void aLazyManagerIsNotMadeByLooking() {
		this.contextRunner.withUserConfiguration(LazyManager.class).run((context) -> {
			assertThat(locks(context.getBean(CrossProcessLocksEndpoint.class)).lockManagers()).isEmpty();
			assertThat(context.getBeanFactory().containsSingleton("lazy")).isFalse();
			context.getBean("lazy");
			assertThat(locks(context.getBean(CrossProcessLocksEndpoint.class)).lockManagers()).containsKey("lazy");
		});
	}

	@Test
	void aManagerThatAFactoryHasMadeIsThere() {
		this.contextRunner.withPropertyValues(SHOW + "always")
			.withUserConfiguration(MadeManager.class)
			.run((context) -> {
				CrossProcessLocksEndpoint endpoint = context.getBean(CrossProcessLocksEndpoint.class);
				// keys of memory locks are the process's, and nobody closes this manager
				try (LockGuard guard = context.getBean("made", LockManager.class).lock("key", WAIT)) {
					assertThat(guard.isHeld()).isTrue();
					assertThat(held(locks(endpoint), "made")).singleElement().extracting(Held::key).isEqualTo("key");
				}
			});
	}

	@Test
	void aTimeBelowZeroHasOneSign() {
		assertThat(LockDescriber.text(Duration.ofMillis(-81_250))).isEqualTo("-PT1M21.25S");
		assertThat(LockDescriber.text(Duration.ofMillis(81_250))).isEqualTo("PT1M21.25S");
		assertThat(LockDescriber.text(Duration.ofNanos(-1))).isEqualTo("PT0S");
	}

	@Test
	void managersOfTheContextAboveAreThereToo() {
		this.contextRunner.run((parent) -> new ApplicationContextRunner().withParent(parent)
			.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class,
					CrossProcessLocksEndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=*")
			.run((context) -> assertThat(locks(context.getBean(CrossProcessLocksEndpoint.class)).lockManagers())
				.hasSize(1)));
	}

	@Test
	void theBackendIsThereWithItsReason() {
		this.contextRunner.run((context) -> {
			Manager manager = locks(context.getBean(CrossProcessLocksEndpoint.class)).lockManagers()
				.values()
				.iterator()
				.next();
			assertThat(manager.backend()).isEqualTo("memory");
			assertThat(manager.reason()).contains("cross-process-lock.backend");
			assertThat(manager.reach()).isEqualTo("THREADS");
			assertThat(manager.type()).isEqualTo(MemoryLockManager.class.getName());
			assertThat(manager.status()).isEqualTo("OPEN");
			assertThat(manager.lease()).isNull();
		});
	}

	@Test
	void annotatedMethodsAreListedBeforeTheyAreCalled() {
		this.contextRunner.withUserConfiguration(AnnotatedMethods.class)
			.run((context) -> assertThat(locks(context.getBean(CrossProcessLocksEndpoint.class)).methods())
				.containsExactly(
						new Method(Work.class.getName() + ".named()", "nightly", "fixed", "PT15S", "PT1M", "FAIL",
								"EXCLUSIVE", "AUTO", "FAIL"),
						new Method(Work.class.getName() + ".run(String, int)",
								"CrossProcessLocksEndpointTests.Work.run", "run-#{#customer}", "PT2S", null, "FAIL",
								"EXCLUSIVE", "AUTO", "FAIL")));
	}

	/** Somebody who was authenticated as an operator. */
	private enum Who implements SecurityContext {

		AUTHENTICATED;

		@Override
		public Principal getPrincipal() {
			return () -> "ann";
		}

		@Override
		public boolean isUserInRole(String role) {
			return role.equals("operator");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SeveralManagers {

		@Bean
		LockManager first() {
			return new MemoryLockManager();
		}

		@Bean
		LockManager second() {
			return new MemoryLockManager();
		}

		@Bean
		LockManager wrapping(@Qualifier("second") LockManager second) {
			return new WrappingLockManager(second);
		}

		@Bean
		LockManager proxied(@Qualifier("second") LockManager second) {
			return (LockManager) new ProxyFactory(second).getProxy();
		}

		@Bean
		LockManager mocked() {
			return Mockito.mock(LockManager.class);
		}

	}

	/** As an application may have one. */
	private record WrappingLockManager(LockManager wrapped) implements LockManager {

		@Override
		public Optional<LockGuard> tryLock(String key) {
			return this.wrapped.tryLock(key);
		}

		@Override
		public Optional<LockGuard> tryLock(LockRequest request) throws InterruptedException {
			return this.wrapped.tryLock(request);
		}

		@Override
		public LockGuard lock(LockRequest request) throws InterruptedException {
			return this.wrapped.lock(request);
		}

		@Override
		public LockGuards lockAll(Collection<LockRequest> requests) throws InterruptedException {
			return this.wrapped.lockAll(requests);
		}

		@Override
		public CompletableFuture<LockGuard> lockAsync(LockRequest request) {
			return this.wrapped.lockAsync(request);
		}

		@Override
		public CompletableFuture<LockGuards> lockAllAsync(Collection<LockRequest> requests) {
			return this.wrapped.lockAllAsync(requests);
		}

		@Override
		public Optional<LockInspection> inspection() {
			return this.wrapped.inspection();
		}

		@Override
		public void close() {
			// the other bean is closed by itself
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeManager {

		@Bean
		ProxyFactoryBean made() {
			ProxyFactoryBean made = new ProxyFactoryBean();
			made.setInterfaces(LockManager.class);
			made.setTarget(new MemoryLockManager());
			return made;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyManager {

		@Bean
		@Lazy
		LockManager lazy() {
			return new MemoryLockManager();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnnotatedMethods {

		@Bean
		Work work() {
			return new Work();
		}

	}

	static class Work {

		@CrossProcessLocked(key = "run-#{#customer}", waitTime = "2s")
		public void run(String customer, int number) {
		}

		@CrossProcessLocked(key = "fixed", holdAtLeast = "1m", name = "nightly")
		public void named() {
		}

	}

}
