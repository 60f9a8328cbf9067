package org.crossprocesslock.autoconfigure.fencing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionManager;

/**
 * Has every transaction manager tell of its transactions.
 */
final class FencedTransactionManagers implements BeanPostProcessor, SmartInitializingSingleton {

	private static final String SILENT = "the transaction manager does not tell of its transactions, "
			+ "as a ConfigurableTransactionManager does";

	private static final String ABOVE = "it is a bean of a context above, which has no locks";

	private final Map<String, ConfigurableTransactionManager> managers = new ConcurrentSkipListMap<>();

	private final FenceReach reach;

	private final ObjectProvider<TransactionFencing> fencing;

	private final ConfigurableListableBeanFactory beanFactory;

	FencedTransactionManagers(FenceReach reach, ObjectProvider<TransactionFencing> fencing,
			ConfigurableListableBeanFactory beanFactory) {
		this.reach = reach;
		this.fencing = fencing;
		this.beanFactory = beanFactory;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof ConfigurableTransactionManager manager) {
			this.managers.put(beanName, manager);
			listenTo(manager);
		}
		return bean;
	}

	@Override
	public void afterSingletonsInstantiated() {
		listenToAll();
	}

	/**
	 * Also to those made for another post-processor, before there was this one, and to
	 * those whose listeners were replaced since.
	 */
	private void listenToAll() {
		for (String name : this.beanFactory.getBeanNamesForType(ConfigurableTransactionManager.class, false, false)) {
			if (this.beanFactory.containsSingleton(name)) {
				this.managers.put(name, this.beanFactory.getBean(name, ConfigurableTransactionManager.class));
			}
		}
		this.managers.values().forEach(this::listenTo);
	}

	private void listenTo(ConfigurableTransactionManager manager) {
		List<TransactionExecutionListener> listeners = new ArrayList<>(manager.getTransactionExecutionListeners());
		if (listeners.stream()
			.noneMatch((each) -> each instanceof FencingTransactionListener fence && fence.isOf(this.reach))) {
			// first, since one that throws keeps the outcome from those after it
			listeners.add(0, new FencingTransactionListener(manager, this.reach, this.fencing));
			manager.setTransactionExecutionListeners(listeners);
		}
	}

	/** Why no manager's transactions can be checked, {@code null} if there is one. */
	@Nullable String obstacle() {
		// makes those that are lazy as well, most of which are defined by another type
		this.beanFactory.getBeansOfType(TransactionManager.class);
		listenToAll();
		Map<String, String> silent = silent();
		if (!silent.isEmpty()) {
			return silent.entrySet()
				.stream()
				.map((each) -> "transactions of '" + each.getKey() + "' would not be, since " + each.getValue())
				.collect(Collectors.joining(", and "));
		}
		if (this.managers.isEmpty()) {
			return "there is no transaction manager";
		}
		Map<String, String> obstacles = obstacles();
		return (obstacles.size() < this.managers.size()) ? null
				: obstacles.entrySet()
					.stream()
					.map((each) -> "'" + each.getKey() + "' (" + each.getValue() + ")")
					.collect(Collectors.joining(", ", "none of the transaction managers will do: ", ""));
	}

	/** Of the managers whose transactions cannot be checked, by name of the bean. */
	Map<String, String> obstacles() {
		listenToAll();
		Map<String, String> obstacles = new LinkedHashMap<>();
		for (Map.Entry<String, ConfigurableTransactionManager> each : this.managers.entrySet()) {
			String obstacle = this.reach.obstacle(each.getValue());
			if (obstacle != null) {
				obstacles.put(each.getKey(), obstacle);
			}
		}
		obstacles.putAll(silent());
		return obstacles;
	}

	/**
	 * The managers whose transactions nobody hears of, so that none of them could be
	 * refused when it commits, and why. One that was given another manager leaves them to
	 * that.
	 */
	private Map<String, String> silent() {
		Map<String, String> silent = new LinkedHashMap<>();
		for (String name : names(this.beanFactory)) {
			if (this.beanFactory.containsSingleton(name) && !this.managers.containsKey(name) && Collections
				.disjoint(this.managers.keySet(), List.of(this.beanFactory.getDependenciesForBean(name)))) {
				silent.put(name, SILENT);
			}
		}
		BeanFactory above = this.beanFactory.getParentBeanFactory();
		while (above instanceof ListableBeanFactory beans && above instanceof HierarchicalBeanFactory level) {
			if (beans.getBeanNamesForType(FencedTransactionManagers.class, true, false).length == 0) {
				for (String name : names(beans)) {
					if (!this.beanFactory.containsLocalBean(name) && !isBeanOfThisToo(name, beans)) {
						silent.putIfAbsent(name, ABOVE);
					}
				}
			}
			above = level.getParentBeanFactory();
		}
		return silent;
	}

	/** Under another name, so that it tells of its transactions. */
	private boolean isBeanOfThisToo(String name, ListableBeanFactory above) {
		// asked for as a bean, a lazy one would be made
		Object manager = (above instanceof SingletonBeanRegistry made) ? made.getSingleton(name) : null;
		return this.managers.values().stream().anyMatch((each) -> each == manager);
	}

	private static String[] names(ListableBeanFactory beanFactory) {
		return beanFactory.getBeanNamesForType(PlatformTransactionManager.class, false, false);
	}

}
