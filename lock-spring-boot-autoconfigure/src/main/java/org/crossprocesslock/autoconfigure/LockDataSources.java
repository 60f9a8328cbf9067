package org.crossprocesslock.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.GenericBeanDefinition;

/**
 * Which DataSource of a context keeps the locks, told from the definitions of beans
 * without starting one.
 *
 * @param name its bean, {@code null} if there is none or it is not clear which one
 * @param reason why, to follow a colon in a sentence
 * @param present whether there are DataSources at all, or was meant to be one
 * @param qualified whether it is the one with {@link LockDataSource}
 */
record LockDataSources(@Nullable String name, String reason, boolean present, boolean qualified) {

	static LockDataSources in(ConfigurableListableBeanFactory beanFactory) {
		List<String> all = Arrays
			.asList(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, DataSource.class, true, false));
		List<String> misplaced = qualifiedButNotAmong(all, beanFactory);
		if (!misplaced.isEmpty()) {
			return unclear("@LockDataSource is on " + misplaced + ", which is not defined as a DataSource");
		}
		List<String> qualified = qualified(all, beanFactory);
		if (qualified.size() > 1) {
			return unclear("several DataSource beans are qualified with @LockDataSource: " + qualified);
		}
		if (qualified.size() == 1) {
			return new LockDataSources(qualified.get(0),
					"DataSource " + qualified + " is qualified with @LockDataSource", true, true);
		}
		if (all.isEmpty()) {
			return new LockDataSources(null, "there is no DataSource bean", false, false);
		}
		return amongUnqualified(all, beanFactory);
	}

	/** As the container does for an injection point that names nothing. */
	private static LockDataSources amongUnqualified(List<String> all, ConfigurableListableBeanFactory beanFactory) {
		List<String> injectable = which(all, beanFactory, BeanDefinition::isAutowireCandidate);
		List<String> candidates = which(injectable, beanFactory, LockDataSources::isDefaultCandidate);
		if (candidates.size() == 1) {
			return chosen(candidates, (injectable.size() == 1) ? "there is a single DataSource " + candidates
					: "DataSource " + candidates + " is the only default candidate among " + injectable);
		}
		if (candidates.isEmpty()) {
			return unclear("no DataSource bean is a default candidate or qualified with @LockDataSource: " + all);
		}
		List<String> primary = nearest(which(candidates, beanFactory, BeanDefinition::isPrimary), beanFactory);
		if (primary.size() == 1) {
			return chosen(primary, "DataSource " + primary + " is the primary one among " + candidates);
		}
		if (primary.size() > 1) {
			return unclear("several DataSource beans are primary: " + primary);
		}
		List<String> regular = which(candidates, beanFactory, (bean) -> !bean.isFallback());
		return (regular.size() == 1)
				? chosen(regular,
						"DataSource " + regular + " is the only one among " + candidates + " that is no fallback")
				: unclear("there are several DataSource beans and none of them is primary or qualified with "
						+ "@LockDataSource: " + candidates);
	}

	private static LockDataSources chosen(List<String> names, String reason) {
		return new LockDataSources(names.get(0), reason, true, false);
	}

	private static LockDataSources unclear(String reason) {
		return new LockDataSources(null, reason, true, false);
	}

	private static List<String> qualified(List<String> names, ConfigurableListableBeanFactory beanFactory) {
		Set<String> qualified = new LinkedHashSet<>();
		for (String name : names) {
			if (beanFactory.findAnnotationOnBean(name, LockDataSource.class, false) != null) {
				// the proxy is what others see of a scoped bean
				qualified.add(ScopedProxyUtils.isScopedTarget(name)
						? name.substring(ScopedProxyUtils.getTargetBeanName("").length()) : name);
			}
		}
		return List.copyOf(qualified);
	}

	/** Asks the definitions of methods only, which costs next to nothing. */
	private static List<String> qualifiedButNotAmong(List<String> names, ConfigurableListableBeanFactory beanFactory) {
		List<String> others = new ArrayList<>();
		for (String name : beanFactory.getBeanDefinitionNames()) {
			if (beanFactory.getBeanDefinition(name) instanceof AnnotatedBeanDefinition bean
					&& bean.getFactoryMethodMetadata() != null
					&& bean.getFactoryMethodMetadata().isAnnotated(LockDataSource.class.getName())
					&& !names.contains(name)) {
				others.add(name);
			}
		}
		return others;
	}

	private static List<String> which(List<String> names, ConfigurableListableBeanFactory beanFactory,
			Predicate<BeanDefinition> condition) {
		List<String> which = new ArrayList<>();
		for (String name : names) {
			if (condition.test(definition(name, beanFactory))) {
				which.add(name);
			}
		}
		return which;
	}

	/** A context's own before those of its parents. */
	private static List<String> nearest(List<String> names, ConfigurableListableBeanFactory beanFactory) {
		List<String> local = names.stream().filter(beanFactory::containsLocalBean).toList();
		return local.isEmpty() ? names : local;
	}

	private static boolean isDefaultCandidate(BeanDefinition bean) {
		return !(bean instanceof AbstractBeanDefinition definition) || definition.isDefaultCandidate();
	}

	private static BeanDefinition definition(String name, ConfigurableListableBeanFactory beanFactory) {
		try {
			return beanFactory.getMergedBeanDefinition(name);
		}
		catch (NoSuchBeanDefinitionException ex) {
			// registered as an object
			return new GenericBeanDefinition();
		}
	}

}
