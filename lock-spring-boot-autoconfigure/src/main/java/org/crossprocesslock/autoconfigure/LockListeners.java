package org.crossprocesslock.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.PriorityOrdered;

/**
 * Who hears of the locks in one context: its {@link LockListener} beans and, of losses,
 * its event listeners. They are looked up once, when all singletons are there, by the
 * thread that has made them. A context without a {@link LockManager} of its own hears
 * what the manager does that it uses, the one of a context above.
 */
final class LockListeners
		implements BeanFactoryPostProcessor, PriorityOrdered, SmartInitializingSingleton, DisposableBean {

	private final ContextLockListener all = new ContextLockListener();

	private final ConfigurableListableBeanFactory beanFactory;

	private final ObjectProvider<LockLostEvents> events;

	private @Nullable ContextLockListener joined;

	LockListeners(ConfigurableListableBeanFactory beanFactory, ObjectProvider<LockLostEvents> events) {
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
		List<LockListener> listeners = new ArrayList<>(aboveHear ? ofThisContext() : ofAllContexts());
		LockLostEvents events = this.events.getObject();
		listeners.add(aboveHear ? events.toThisContext() : events.toAllContexts());
		this.all.open(listeners);
	}

	private List<LockListener> ofAllContexts() {
		return this.beanFactory.getBeanProvider(LockListener.class).orderedStream().toList();
	}

	private List<LockListener> ofThisContext() {
		Collection<LockListener> own = this.beanFactory.getBeansOfType(LockListener.class).values();
		return ofAllContexts().stream().filter((any) -> own.stream().anyMatch((each) -> each == any)).toList();
	}

	@Override
	public void destroy() {
		if (this.joined != null) {
			this.joined.leave(this.all);
		}
	}

}
