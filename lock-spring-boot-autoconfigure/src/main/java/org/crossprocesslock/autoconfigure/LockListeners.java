package org.crossprocesslock.autoconfigure;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.PriorityOrdered;

/**
 * Lets the beans of its context hear of locks, and those of the contexts below that have
 * no such bean. They are looked up once, when all singletons are there, by the thread
 * that has made them; in the contexts below when they are refreshed.
 */
final class LockListeners implements BeanFactoryPostProcessor, PriorityOrdered, SmartInitializingSingleton,
		DisposableBean, ApplicationListener<ApplicationContextEvent> {

	private static final String BELOW = "crossProcessLockListeners";

	private final ConfigurableListableBeanFactory beanFactory;

	private final ContextAudience audience;

	private final ObjectProvider<LockLostEvents> events;

	private final Map<ApplicationContext, Below> below = new ConcurrentHashMap<>();

	LockListeners(ConfigurableListableBeanFactory beanFactory, ObjectProvider<LockLostEvents> events) {
		this.beanFactory = beanFactory;
		this.audience = new ContextAudience(beanFactory);
		this.events = events;
	}

	/** What a manager of this context is to tell. */
	ContextLockListener all() {
		return this.audience.all();
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
		var unused = this.audience.join();
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.audience.open(this.events.getObject());
	}

	@Override
	public void onApplicationEvent(ApplicationContextEvent event) {
		if (event instanceof ContextRefreshedEvent
				&& event.getApplicationContext() instanceof ConfigurableApplicationContext context
				&& isToBeServed(context)) {
			this.below.computeIfAbsent(context, (any) -> serve(context));
		}
	}

	private Below serve(ConfigurableApplicationContext context) {
		Below served = Below.of(context);
		// until its beans are destroyed, as work may lose its lock until then
		((DefaultSingletonBeanRegistry) context.getBeanFactory()).registerDisposableBean(BELOW, () -> leave(context));
		LockShutdownConfiguration.destroyWorkBefore(BELOW, context.getBeanFactory());
		return served;
	}

	private void leave(ApplicationContext context) {
		Below left = this.below.remove(context);
		if (left != null) {
			left.audience().close();
			left.events().destroy();
		}
	}

	/** Whether this is the nearest bean of its kind above the context. */
	private boolean isToBeServed(ConfigurableApplicationContext context) {
		return context.getBeanFactory() != this.beanFactory
				&& context.getBeanFactory().getBeanNamesForType(LockListeners.class, true, false).length == 0
				&& context.getBeanProvider(LockListeners.class).getIfAvailable() == this;
	}

	/** The managers are gone by now. */
	@Override
	public void destroy() {
		this.audience.close();
	}

	/** A context below without this bean, and what does its work there. */
	private record Below(ContextAudience audience, LockLostEvents events) {

		static Below of(ConfigurableApplicationContext context) {
			Below below = new Below(new ContextAudience(context.getBeanFactory()), new LockLostEvents(context));
			if (below.audience().join()) {
				below.audience().open(below.events());
			}
			return below;
		}

	}

}
