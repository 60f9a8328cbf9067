package org.crossprocesslock.annotation;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanFactory;

/**
 * Remembers the beans that are made before beans can be proxied, until it is known what
 * to say of them. The container keeps no prototypes and no products of factories that
 * make several, and nobody would see them run without a lock.
 */
final class EarlyBeans implements BeanPostProcessor {

	private final AbstractBeanFactory beanFactory;

	private final List<EarlyBean> beans = new CopyOnWriteArrayList<>();

	private volatile boolean over;

	private EarlyBeans(AbstractBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/** Begins to remember. */
	static void watch(Object beanFactory) {
		if (beanFactory instanceof AbstractBeanFactory watched) {
			watched.addBeanPostProcessor(new EarlyBeans(watched));
		}
	}

	/** Hands over what was remembered, each once. */
	static void forEach(ConfigurableListableBeanFactory beanFactory, BiConsumer<Object, String> action) {
		if (beanFactory instanceof AbstractBeanFactory watched) {
			for (BeanPostProcessor each : watched.getBeanPostProcessors()) {
				if (each instanceof EarlyBeans early) {
					early.handOver(action);
				}
			}
		}
	}

	private void handOver(BiConsumer<Object, String> action) {
		this.over = true;
		List<EarlyBean> made = List.copyOf(this.beans);
		this.beans.clear();
		for (EarlyBean early : made) {
			action.accept(early.bean(), early.name());
		}
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		this.over = this.over || isLookedAt();
		if (!this.over) {
			this.beans.add(new EarlyBean(bean, beanName));
		}
		return bean;
	}

	private boolean isLookedAt() {
		for (BeanPostProcessor each : this.beanFactory.getBeanPostProcessors()) {
			if (each instanceof LockedBeanPostProcessor) {
				return true;
			}
		}
		return false;
	}

	private record EarlyBean(Object bean, String name) {

	}

}
