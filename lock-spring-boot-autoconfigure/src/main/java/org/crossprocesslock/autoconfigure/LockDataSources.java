package org.crossprocesslock.autoconfigure;

import java.util.Arrays;
import java.util.List;

import javax.sql.DataSource;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;

/**
 * What can be said about the DataSources of a context from their definitions, without
 * starting one.
 */
final class LockDataSources {

	private LockDataSources() {
	}

	/** Names of the DataSources that are qualified for locks. */
	static List<String> qualified(ListableBeanFactory beanFactory) {
		return names(beanFactory).stream()
			.filter((name) -> beanFactory.findAnnotationOnBean(name, LockDataSource.class, false) != null)
			.toList();
	}

	/** Why a context has a DataSource for locks. */
	static String whyChosen(ListableBeanFactory beanFactory) {
		List<String> qualified = qualified(beanFactory);
		if (!qualified.isEmpty()) {
			return "DataSource " + qualified + " is qualified with @LockDataSource";
		}
		List<String> names = names(beanFactory);
		return (names.size() == 1) ? "there is a single DataSource " + names
				: "there is a primary DataSource among " + names;
	}

	/** Why a context has no DataSource for locks. */
	static String whyNone(ListableBeanFactory beanFactory) {
		List<String> names = names(beanFactory);
		return names.isEmpty() ? "there is no DataSource bean"
				: "there are several DataSource beans and none of them is primary or qualified with @LockDataSource: "
						+ names;
	}

	/** Whether a context has DataSources, suitable for locks or not. */
	static boolean anyPresent(ListableBeanFactory beanFactory) {
		return !names(beanFactory).isEmpty();
	}

	private static List<String> names(ListableBeanFactory beanFactory) {
		return Arrays
			.asList(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, DataSource.class, true, false));
	}

}
