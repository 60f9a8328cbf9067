package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.engine.ListenerQueue;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Who hears of locks in one context: its {@link LockListener} beans, each on a thread of
 * its own, and of losses its event listeners. Without a {@link LockManager} of its own it
 * hears what the manager does that it uses, the one of a context above.
 */
final class ContextAudience {

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private final ContextLockListener all = new ContextLockListener();

	private final ConfigurableListableBeanFactory beanFactory;

	private final List<ListenerQueue> queues = new CopyOnWriteArrayList<>();

	private @Nullable ContextLockListener above;

	ContextAudience(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/** What a manager of this context is to tell. */
	ContextLockListener all() {
		return this.all;
	}

	/**
	 * Listens to the manager above, if that is the one it uses.
	 * @return whether it is
	 */
	boolean join() {
		BeanFactory parent = this.beanFactory.getParentBeanFactory();
		if (parent != null && this.beanFactory.getBeanNamesForType(LockManager.class, true, false).length == 0) {
			LockListeners listeners = parent.getBeanProvider(LockListeners.class).getIfAvailable();
			if (listeners != null) {
				this.above = listeners.all();
				listeners.all().join(this.all);
			}
		}
		return this.above != null;
	}

	/** Looks for the beans, once, and tells them from now on. */
	void open(LockLostEvents events) {
		boolean aboveHear = this.above != null;
		for (LockListener bean : aboveHear ? ofThisContext() : ofAllContexts()) {
			this.queues.add(new ListenerQueue(bean));
		}
		List<LockListener> listeners = new ArrayList<>(this.queues);
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

	/** Lets the beans hear the end, within a second. */
	void close() {
		if (this.above != null) {
			this.above.leave(this.all);
		}
		long until = TimeSource.SYSTEM.nanos() + LIMIT.toNanos();
		this.queues.forEach((queue) -> queue.await(Duration.ofNanos(until - TimeSource.SYSTEM.nanos())));
	}

}
