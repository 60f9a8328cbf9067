package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.engine.ListenerQueue;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.PriorityOrdered;

/**
 * Who hears of the locks in one context: its {@link LockListener} beans and, of losses,
 * its event listeners. They are looked up once, when all singletons are there, by the
 * thread that has made them, and each bean is told on a thread of its own, so that one
 * that blocks keeps nothing from the others. A context without a {@link LockManager} of
 * its own hears what the manager does that it uses, the one of a context above; one
 * without this bean as well, from when it is refreshed on.
 */
final class LockListeners implements BeanFactoryPostProcessor, PriorityOrdered, SmartInitializingSingleton,
		DisposableBean, ApplicationListener<ApplicationContextEvent> {

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private final ContextLockListener all = new ContextLockListener();

	private final ConfigurableListableBeanFactory beanFactory;

	private final Supplier<LockLostEvents> events;

	private final List<ListenerQueue> queues = new CopyOnWriteArrayList<>();

	/** The contexts below without this bean, and what does its work there. */
	private final Map<ApplicationContext, LockListeners> below = new ConcurrentHashMap<>();

	private @Nullable ContextLockListener joined;

	LockListeners(ConfigurableListableBeanFactory beanFactory, Supplier<LockLostEvents> events) {
		this.beanFactory = beanFactory;
		this.events = events;
	}

	/** What a manager of this context is to tell. */
	LockListener all() {
		return this.all;
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	/**
	 * Listens to the manager above before any bean of this context can ask for a lock.
	 */
	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		BeanFactory parent = beanFactory.getParentBeanFactory();
		if (parent != null && beanFactory.getBeanNamesForType(LockManager.class, true, false).length == 0) {
			LockListeners above = parent.getBeanProvider(LockListeners.class).getIfAvailable();
			if (above != null) {
				this.joined = above.all;
				above.all.join(this.all);
			}
		}
	}

	@Override
	public void afterSingletonsInstantiated() {
		boolean aboveHear = this.joined != null;
		(aboveHear ? ofThisContext() : ofAllContexts()).forEach((bean) -> this.queues.add(new ListenerQueue(bean)));
		List<LockListener> listeners = new ArrayList<>(this.queues);
		LockLostEvents events = this.events.get();
		listeners.add(aboveHear ? events.toThisContext() : events.toAllContexts());
		this.all.open(listeners);
	}

	@Override
	public void onApplicationEvent(ApplicationContextEvent event) {
		if (event instanceof ContextRefreshedEvent
				&& event.getApplicationContext() instanceof ConfigurableApplicationContext context
				&& isToBeServed(context)) {
			this.below.computeIfAbsent(context, (any) -> listenersOf(context));
		}
		else if (event instanceof ContextClosedEvent) {
			LockListeners left = this.below.remove(event.getApplicationContext());
			if (left != null) {
				left.destroy();
				left.events.get().destroy();
			}
		}
	}

	/** Whether this is the nearest bean of its kind above the context. */
	private boolean isToBeServed(ConfigurableApplicationContext context) {
		return context.getBeanFactory() != this.beanFactory
				&& context.getBeanFactory().getBeanNamesForType(LockListeners.class, true, false).length == 0
				&& context.getBeanProvider(LockListeners.class).getIfAvailable() == this;
	}

	private static LockListeners listenersOf(ConfigurableApplicationContext context) {
		LockLostEvents events = new LockLostEvents(context);
		LockListeners listeners = new LockListeners(context.getBeanFactory(), () -> events);
		listeners.postProcessBeanFactory(context.getBeanFactory());
		if (listeners.joined != null) {
			listeners.afterSingletonsInstantiated();
		}
		return listeners;
	}

	private List<LockListener> ofAllContexts() {
		return this.beanFactory.getBeanProvider(LockListener.class).orderedStream().toList();
	}

	private List<LockListener> ofThisContext() {
		Collection<LockListener> own = this.beanFactory.getBeansOfType(LockListener.class).values();
		return ofAllContexts().stream().filter((any) -> own.stream().anyMatch((each) -> each == any)).toList();
	}

	/** The managers are gone by now: lets the beans hear the end, within a second. */
	@Override
	public void destroy() {
		if (this.joined != null) {
			this.joined.leave(this.all);
		}
		long until = TimeSource.SYSTEM.nanos() + LIMIT.toNanos();
		this.queues.forEach((queue) -> queue.await(Duration.ofNanos(until - TimeSource.SYSTEM.nanos())));
	}

}
