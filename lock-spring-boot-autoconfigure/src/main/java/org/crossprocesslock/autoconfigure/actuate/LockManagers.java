package org.crossprocesslock.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockManager;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * The lock managers of a context and of those above it, as far as they are there: whoever
 * looks must not be the one who makes a lazy bean.
 */
final class LockManagers {

	private final ConfigurableListableBeanFactory beanFactory;

	LockManagers(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/** By the names of their beans. */
	Map<String, LockManager> present() {
		Map<String, LockManager> present = new LinkedHashMap<>();
		@Nullable BeanFactory factory = this.beanFactory;
		while (factory instanceof ConfigurableListableBeanFactory beans) {
			for (String name : beans.getBeanNamesForType(LockManager.class, false, false)) {
				if (singleton(beans, name) instanceof LockManager manager) {
					present.putIfAbsent(name, manager);
				}
			}
			factory = beans.getParentBeanFactory();
		}
		return present;
	}

	/** Also the product of a factory that is there. */
	private static @Nullable Object singleton(ConfigurableListableBeanFactory beans, String name) {
		Object singleton = beans.getSingleton(name);
		return (singleton instanceof FactoryBean<?> factory && factory.isSingleton()) ? beans.getBean(name) : singleton;
	}

	/** Those that tell something about themselves. */
	Map<String, LockInspection> inspected() {
		Map<String, LockInspection> inspected = new LinkedHashMap<>();
		present().forEach((name, manager) -> of(manager).ifPresent((found) -> inspected.put(name, found)));
		return inspected;
	}

	/** A mock may answer anything. */
	private static Optional<LockInspection> of(LockManager manager) {
		return Objects.requireNonNullElse(manager.inspection(), Optional.empty());
	}

}
