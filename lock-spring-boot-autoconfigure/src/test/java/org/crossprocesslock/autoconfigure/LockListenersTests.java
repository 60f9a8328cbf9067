package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for which beans hear of locks, and for the threads that look for them.
 */
@Timeout(60)
class LockListenersTests {

	private static final InheritableThreadLocal<@Nullable String> TENANT = new InheritableThreadLocal<>();

	private final JdbcTemplate database = new JdbcTemplate(
			new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1"));

	private final RecordingFactory beanFactory = new RecordingFactory();

	@Test
	void beanThatIsMadeWhileTheWebServerStartsCanLockAfterTheFirstHeartbeat() {
		Heard heard = new Heard();
		try (AnnotationConfigApplicationContext context = new WebLikeContext(this.beanFactory)) {
			prepare(context, heard);
			// a lease from the start, and not with the first lock
			TestPropertyValues.of("cross-process-lock.jdbc.lease.holder-name=early").applyTo(context);
			context.registerBean("filter", Filter.class, () -> new Filter(() -> {
				LockManager locks = context.getBean(LockManager.class);
				awaitHeartbeats();
				return locks;
			}));
			context.refresh();
			await().untilAsserted(
					() -> assertThat(heard.events).startsWith("requested warm", "acquired warm", "released warm"));
		}
		assertThat(this.beanFactory.threads).noneMatch((name) -> name.startsWith("cross-process-lock"));
	}

	@Test
	void noThreadOfTheLibraryAsksTheContainer() {
		Heard heard = new Heard();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(this.beanFactory)) {
			prepare(context, heard);
			context.refresh();
			LockGuard guard = context.getBean(LockManager.class).tryLock("key").orElseThrow();
			this.database.update("delete from cross_process_lease");
			await().until(() -> heard.events.contains("lost key"));
			assertThat(guard.isHeld()).isFalse();
			awaitHeartbeats();
		}
		// Spring asks for the bean of an event listener on the thread that publishes,
		// which
		// is there for nothing else
		assertThat(this.beanFactory.threads).noneMatch(
				(name) -> name.startsWith("cross-process-lock") && !name.startsWith("cross-process-lock-events"));
	}

	@Test
	void beanThatBlocksKeepsNothingFromTheOthers() throws Exception {
		CountDownLatch goesOn = new CountDownLatch(1);
		Heard heard = new Heard();
		List<String> late = new CopyOnWriteArrayList<>();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.registerBean("blocking", LockListener.class, () -> new LockListener() {

				@Override
				public void onRequested(LockRequest request) {
					try {
						late.add(goesOn.await(60, TimeUnit.SECONDS) + " " + request.key());
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
				}

			});
			prepare(context, heard);
			context.refresh();
			LockManager locks = context.getBean(LockManager.class);
			locks.tryLock("first").orElseThrow().close();
			LockGuard second = locks.tryLock("second").orElseThrow();
			await().until(() -> heard.events.contains("acquired second"));
			this.database.update("delete from cross_process_lease");
			await().until(() -> heard.events.contains("event second"));
			assertThat(second.isHeld()).isFalse();
			assertThat(late).isEmpty();
			goesOn.countDown();
			await().untilAsserted(() -> assertThat(late).containsExactly("true first", "true second"));
		}
	}

	/** What happens until the manager is gone is heard before the context is. */
	@Test
	void beansHearTheEndBeforeTheContextIsClosed() {
		List<String> heard;
		long closing;
		do {
			heard = new CopyOnWriteArrayList<>();
			try (AnnotationConfigApplicationContext context = withSlowListener(heard)) {
				context.getBean(LockManager.class).tryLock("key").orElseThrow().close();
				closing = System.nanoTime();
			}
		}
		// nobody waits longer than that for a listener, whose thread may have stood still
		while (heard.isEmpty() && System.nanoTime() - closing >= TimeUnit.SECONDS.toNanos(1));
		assertThat(heard).containsExactly("released key");
	}

	private AnnotationConfigApplicationContext withSlowListener(List<String> heard) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean("slow", LockListener.class, () -> new LockListener() {

			@Override
			public void onReleased(LockRequest request, long fencingToken, Duration held) {
				LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
				heard.add("released " + request.key());
			}

		});
		prepare(context, new Heard());
		context.refresh();
		return context;
	}

	@Test
	void lossesBeforeTheSingletonsAreThereAreEventsWhenTheyAre() {
		Heard heard = new Heard();
		try (AnnotationConfigApplicationContext context = new WebLikeContext(this.beanFactory)) {
			prepare(context, heard);
			context.registerBean("filter", Filter.class, () -> new Filter(() -> {
				LockManager locks = context.getBean(LockManager.class);
				LockGuard guard = locks.tryLock("early").orElseThrow();
				this.database.update("delete from cross_process_lease");
				await().until(() -> !guard.isHeld());
				awaitHeartbeats();
				assertThat(heard.events).isEmpty();
				return locks;
			}));
			context.refresh();
			await().until(() -> heard.events.contains("event early"));
			await().until(() -> heard.events.contains("lost early"));
		}
	}

	@Test
	void listenersHearWhereBeansAreMadeLazily() {
		Heard heard = new Heard();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			prepare(context, heard);
			context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
			context.refresh();
			context.getBean(LockManager.class).tryLock("key").orElseThrow().close();
			await().until(() -> heard.events.contains("requested key"));
		}
	}

	@Test
	void listenerThatCannotBeMadeFailsTheStart() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			prepare(context, new Heard());
			context.registerBean(LockListener.class, () -> {
				throw new IllegalStateException("broken");
			}, (definition) -> definition.setLazyInit(true));
			assertThatExceptionOfType(BeanCreationException.class).isThrownBy(context::refresh)
				.withStackTraceContaining("broken");
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void listenersOfAChildHearOfTheLocksThatAreTakenThroughIt(boolean hasOurConfiguration) {
		Heard ofParent = new Heard();
		Heard ofChild = new Heard();
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext()) {
			prepare(parent, ofParent);
			parent.refresh();
			try (AnnotationConfigApplicationContext child = hasOurConfiguration ? child(parent, ofChild)
					: foreign(parent, ofChild)) {
				child.refresh();
				assertThat(child.getBeanFactory().getBeanNamesForType(LockManager.class)).isEmpty();
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> child.getBean(Job.class).run(() -> {
					this.database.update("delete from cross_process_lease");
					await().until(() -> ofChild.events.contains("event work"));
				}));
				await().until(() -> ofChild.events.contains("released work"));
			}
			await().until(() -> ofParent.events.contains("event work"));
			for (Heard heard : List.of(ofParent, ofChild)) {
				await().untilAsserted(() -> assertThat(heard.events).containsOnlyOnce("requested work", "acquired work",
						"lost work", "event work", "released work"));
			}
			int whenClosed = ofChild.events.size();
			parent.getBean(LockManager.class).tryLock("after").orElseThrow().close();
			await().until(() -> ofParent.events.contains("released after"));
			assertThat(ofChild.events).hasSize(whenClosed);
		}
	}

	@Test
	void childHearsOfTheLocksOfItsFirstBeans() {
		Heard ofChild = new Heard();
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext()) {
			prepare(parent, new Heard());
			parent.refresh();
			try (AnnotationConfigApplicationContext child = child(parent, ofChild)) {
				child.registerBean("filter", Filter.class, () -> new Filter(() -> parent.getBean(LockManager.class)));
				child.refresh();
				await().untilAsserted(() -> assertThat(ofChild.events).startsWith("requested warm", "acquired warm",
						"released warm"));
			}
		}
	}

	@Test
	void childThatFailsToStartIsForgotten() {
		Heard ofChild = new Heard();
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext()) {
			prepare(parent, new Heard());
			parent.refresh();
			try (AnnotationConfigApplicationContext child = child(parent, ofChild)) {
				child.registerBean("filter", Filter.class, () -> {
					throw new IllegalStateException("broken");
				});
				assertThatExceptionOfType(BeanCreationException.class).isThrownBy(child::refresh);
				assertThat(parent.getBean(LockListeners.class).all()).extracting("audience")
					.asInstanceOf(InstanceOfAssertFactories.LIST)
					.as("the listener and the events of the parent")
					.hasSize(2);
			}
		}
	}

	@Test
	void childWithAManagerOfItsOwnHearsOfThatOne() {
		Heard ofParent = new Heard();
		Heard ofChild = new Heard();
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext()) {
			prepare(parent, ofParent);
			parent.refresh();
			try (AnnotationConfigApplicationContext child = child(parent, ofChild)) {
				child.registerBean("own", LockManager.class, () -> new MemoryLockManager(new Heard()),
						(definition) -> definition.setPrimary(true));
				child.refresh();
				parent.getBean(LockManager.class).tryLock("above").orElseThrow().close();
				await().until(() -> ofParent.events.contains("requested above"));
				assertThat(ofChild.events).isEmpty();
			}
		}
	}

	@Test
	void eventListenersDoNotSeeWhatBelongsToTheThreadThatNoticedTheLoss() {
		Heard heard = new Heard();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			prepare(context, heard);
			context.refresh();
			LockLostEvents events = context.getBean(LockLostEvents.class);
			TENANT.set("blue");
			Thread.currentThread().setContextClassLoader(new ClassLoader(getClass().getClassLoader()) {
			});
			events.toAllContexts().onLost(LockRequest.of("key", Duration.ZERO), 1, "test");
			await().until(() -> heard.events.contains("event key"));
			assertThat(heard.tenants).containsExactly("none");
			assertThat(heard.classLoaders).containsExactly(context.getClassLoader());
		}
		finally {
			TENANT.remove();
			Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void listenersOfAChildHearOfALossDuringItsShutdown(boolean hasOurConfiguration) {
		Heard ofChild = new Heard();
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext()) {
			prepare(parent, new Heard());
			parent.refresh();
			try (AnnotationConfigApplicationContext child = hasOurConfiguration ? child(parent, ofChild)
					: foreign(parent, ofChild)) {
				child.registerBean("last", Last.class,
						() -> new Last(() -> assertThatExceptionOfType(LockLostException.class)
							.isThrownBy(() -> child.getBean(Job.class).run(() -> {
								this.database.update("delete from cross_process_lease");
								awaitLoss(ofChild);
							}))));
				child.refresh();
			}
			assertThat(ofChild.events).contains("lost work", "event work");
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void listenersOfAChildHearOfALossWhileItsExecutorWaitsForItsTasks(boolean hasOurConfiguration) throws Exception {
		Heard ofChild = new Heard();
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext()) {
			prepare(parent, new Heard());
			parent.refresh();
			try (AnnotationConfigApplicationContext child = hasOurConfiguration
					? child(parent, ofChild, LockShutdownTests.EarlyExecutor.class)
					: foreign(parent, ofChild, LockShutdownTests.EarlyExecutor.class)) {
				child.refresh();
				Job job = child.getBean(Job.class);
				LockShutdownTests.SlowExecutor executor = child.getBean(LockShutdownTests.SlowExecutor.class);
				CountDownLatch started = new CountDownLatch(1);
				executor
					.execute(() -> assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> job.run(() -> {
						started.countDown();
						executor.awaitDestruction();
						this.database.update("delete from cross_process_lease");
						awaitLoss(ofChild);
					})));
				started.await();
			}
			assertThat(ofChild.events).contains("lost work", "event work");
		}
	}

	/** Each of them is told on a thread of its own. */
	private static void awaitLoss(Heard heard) {
		await().until(() -> heard.events.containsAll(List.of("lost work", "event work")));
	}

	private AnnotationConfigApplicationContext child(ApplicationContext parent, Heard heard, Class<?>... first) {
		AnnotationConfigApplicationContext child = new WebLikeContext(new DefaultListableBeanFactory());
		child.setParent(parent);
		Stream.of(first).forEach(child::register);
		prepare(child, heard);
		child.registerBean(Work.class);
		return child;
	}

	/** Whose locks nobody but its own code takes. */
	private static AnnotationConfigApplicationContext foreign(ApplicationContext parent, Heard heard,
			Class<?>... first) {
		AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext();
		child.setParent(parent);
		Stream.of(first).forEach(child::register);
		child.registerBean("listener", LockListener.class, () -> heard);
		child.registerBean("events", Events.class, () -> new Events(heard));
		child.registerBean(Job.class, () -> (body) -> child.getBean(LockManager.class)
			.runLocked(LockRequest.of("work", Duration.ofSeconds(5)), body));
		return child;
	}

	private void prepare(AnnotationConfigApplicationContext context, Heard heard) {
		// soon told of a loss, and not lost because the machine stands still
		TestPropertyValues
			.of("cross-process-lock.jdbc.lease.duration=60s", "cross-process-lock.jdbc.lease.renew-interval=200ms")
			.applyTo(context);
		if (context.getParent() == null) {
			context.registerBean(DataSource.class, this.database::getDataSource);
		}
		context.registerBean("listener", LockListener.class, () -> heard);
		context.registerBean("events", Events.class, () -> new Events(heard));
		context.register(LockAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
				FencingAutoConfiguration.class);
	}

	private void awaitHeartbeats() {
		long seen = heartbeats();
		await().until(() -> heartbeats() > seen + 1);
	}

	private long heartbeats() {
		Long heartbeats = this.database.queryForObject("select coalesce(max(renewals), 0) from cross_process_lease",
				Long.class);
		return (heartbeats != null) ? heartbeats : 0;
	}

	/** Makes a bean before the others, as one for a servlet does for filters. */
	private static final class WebLikeContext extends AnnotationConfigApplicationContext {

		WebLikeContext(DefaultListableBeanFactory beanFactory) {
			super(beanFactory);
		}

		@Override
		protected void onRefresh() {
			getBeanProvider(Filter.class).ifAvailable((filter) -> {
			});
		}

	}

	/** Remembers who asks it. */
	private static final class RecordingFactory extends DefaultListableBeanFactory {

		private final Set<String> threads = ConcurrentHashMap.newKeySet();

		@Override
		protected <T> T doGetBean(String name, @Nullable Class<T> requiredType, @Nullable Object @Nullable [] args,
				boolean typeCheckOnly) {
			this.threads.add(Thread.currentThread().getName());
			return super.doGetBean(name, requiredType, args, typeCheckOnly);
		}

		@Override
		public String[] getBeanNamesForType(ResolvableType type, boolean includeNonSingletons, boolean allowEagerInit) {
			this.threads.add(Thread.currentThread().getName());
			return super.getBeanNamesForType(type, includeNonSingletons, allowEagerInit);
		}

		@Override
		public String[] getBeanNamesForType(@Nullable Class<?> type, boolean includeNonSingletons,
				boolean allowEagerInit) {
			this.threads.add(Thread.currentThread().getName());
			return super.getBeanNamesForType(type, includeNonSingletons, allowEagerInit);
		}

	}

	private static final class Filter {

		Filter(Supplier<LockManager> locks) {
			locks.get().tryLock("warm").orElseThrow().close();
		}

	}

	/** Remembers what it was told. */
	static final class Heard implements LockListener {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final List<String> tenants = new CopyOnWriteArrayList<>();

		private final List<ClassLoader> classLoaders = new CopyOnWriteArrayList<>();

		@Override
		public void onRequested(LockRequest request) {
			this.events.add("requested " + request.key());
		}

		@Override
		public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
			this.events.add("acquired " + request.key());
		}

		@Override
		public void onLost(LockRequest request, long fencingToken, String reason) {
			this.events.add("lost " + request.key());
		}

		@Override
		public void onReleased(LockRequest request, long fencingToken, Duration held) {
			this.events.add("released " + request.key());
		}

	}

	static final class Events {

		private final Heard heard;

		Events(Heard heard) {
			this.heard = heard;
		}

		@EventListener
		void lost(LockLostEvent event) {
			String tenant = TENANT.get();
			this.heard.tenants.add((tenant != null) ? tenant : "none");
			this.heard.classLoaders.add(Thread.currentThread().getContextClassLoader());
			this.heard.events.add("event " + event.key());
		}

	}

	/** Works while the context is closed. */
	private static final class Last implements SmartLifecycle {

		private final Runnable work;

		private volatile boolean running;

		Last(Runnable work) {
			this.work = work;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.work.run();
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	/** Something that is done under the lock of the key "work". */
	interface Job {

		void run(Runnable body) throws InterruptedException;

	}

	static class Work implements Job {

		@Override
		@CrossProcessLocked(key = "work")
		public void run(Runnable body) {
			body.run();
		}

	}

}
