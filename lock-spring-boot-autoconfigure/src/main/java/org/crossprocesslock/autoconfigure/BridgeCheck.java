package org.crossprocesslock.autoconfigure;

import java.util.List;

import org.crossprocesslock.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.env.Environment;

/**
 * Warns at the start where the locks are to be used under the interface of another
 * library and the application has a bean of its own for that. One that was left behind
 * would go on with its own locks, beside instances that use these. Refuses the start
 * where there is neither, since the property was not set when that was decided.
 *
 * @since 0.1.0
 */
@Internal
public final class BridgeCheck implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(BridgeCheck.class);

	private final String property;

	private final Class<?> bridged;

	private final Class<?> bridge;

	private final ListableBeanFactory beanFactory;

	private final Environment environment;

	/**
	 * Creates the check.
	 * @param property the property that asks for the bridge
	 * @param bridged the interface of the other library
	 * @param bridge the type that implements it with locks
	 * @param beanFactory where the beans are
	 * @param environment where the property is
	 */
	public BridgeCheck(String property, Class<?> bridged, Class<?> bridge, ListableBeanFactory beanFactory,
			Environment environment) {
		this.property = property;
		this.bridged = bridged;
		this.bridge = bridge;
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	public void afterSingletonsInstantiated() {
		// as the condition reads it
		String wanted = this.environment.getProperty(this.property);
		List<String> bridges = names(this.bridge);
		if ("true".equalsIgnoreCase(wanted) && bridges.isEmpty()) {
			List<String> others = names(this.bridged);
			ProcessedAheadOfTime.requireSame(this.property, true, !others.isEmpty());
			logger.warn("{}=true has no effect: the {} of the application is used, {}. Remove one or the other",
					this.property, this.bridged.getSimpleName(), others);
		}
		if ("false".equalsIgnoreCase(wanted) && !bridges.isEmpty()) {
			logger.warn("{}=false has no effect: there is {}. If the application was processed ahead of time (AOT), "
					+ "process it again with that property", this.property, bridges);
		}
	}

	private List<String> names(Class<?> type) {
		return List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type, true, false));
	}

}
