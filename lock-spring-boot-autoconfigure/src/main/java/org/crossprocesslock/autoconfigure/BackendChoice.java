package org.crossprocesslock.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.crossprocesslock.autoconfigure.LockProperties.Backend;
import org.crossprocesslock.lease.LeaseStore;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Where a context keeps its locks, and why: the one reading of
 * {@code cross-process-lock.backend}, for conditions and for beans alike. Told from
 * properties and from the definitions of beans without starting one.
 *
 * @param kind what was chosen
 * @param reason why, to follow a colon in a sentence
 * @param dataSource the DataSource that keeps the locks, if one does
 */
record BackendChoice(Kind kind, String reason, @Nullable LockDataSources dataSource) {

	/** Name of the bean that keeps leases unless the application has one. */
	static final String STORE = "crossProcessLockStore";

	static final String PROPERTY = LockProperties.PREFIX + ".backend";

	/** What a user can do about every case in which nothing was chosen. */
	static final String CHOICES = String.format(Locale.ROOT, """
			Add one of these lines to application.yml:

			%1$s: jdbc    # in a database, for any number of machines; needs a DataSource bean \
			that is the only one, @Primary or qualified with @LockDataSource
			%1$s: file    # in a directory, for the processes of one host
			%1$s: memory  # in memory, for the threads of this process only""", PROPERTY);

	private static final String REACTIVE = "io.r2dbc.spi.ConnectionFactory";

	/**
	 * Chooses.
	 * @throws org.springframework.boot.context.properties.bind.BindException if the
	 * property has a value that is no backend
	 */
	static BackendChoice of(Environment environment, ConfigurableListableBeanFactory beanFactory) {
		Binder binder = Binder.get(environment);
		if (!StringUtils.hasText(binder.bind(PROPERTY, Bindable.of(String.class)).orElse(PROPERTY))) {
			return undecided(PROPERTY + " is set, but to nothing");
		}
		Backend asked = binder.bind(PROPERTY, Bindable.of(Backend.class)).orElse(null);
		return switch (Objects.requireNonNullElse(asked, new LockProperties().getBackend())) {
			case MEMORY -> askedFor(Kind.MEMORY);
			case FILE -> askedFor(Kind.FILE);
			case JDBC -> database(beanFactory);
			case AUTO -> whatThereIs(beanFactory);
		};
	}

	/**
	 * Chooses again, for beans of a kind that was chosen before: long before, where the
	 * application was processed ahead of time.
	 * @throws RefusedStartException if it would be another kind now
	 */
	static BackendChoice confirming(Kind kind, Environment environment, ConfigurableListableBeanFactory beanFactory) {
		BackendChoice now = of(environment, beanFactory);
		if (now.kind() == Kind.UNDECIDED) {
			throw now.refusal();
		}
		if (now.kind() != kind) {
			throw new RefusedStartException(
					"The cross-process locks of this application were set up for the " + kind.inLowerCase()
							+ " backend, which cannot be changed any more, but now the backend would be "
							+ now.kind().inLowerCase() + ": " + now.reason() + ".",
					"If the application was processed ahead of time (AOT), process it again with the properties that "
							+ "it runs with. If a DataSource is defined later than auto-configuration, define it "
							+ "earlier. If " + kind.inLowerCase() + " is right, set " + PROPERTY + "="
							+ kind.inLowerCase() + ".",
					null);
		}
		return now;
	}

	private static BackendChoice askedFor(Kind kind) {
		return new BackendChoice(kind, "asked for by " + PROPERTY, null);
	}

	private static BackendChoice undecided(String problem) {
		return new BackendChoice(Kind.UNDECIDED, problem, null);
	}

	private static BackendChoice database(ConfigurableListableBeanFactory beanFactory) {
		BackendChoice store = ownStore(beanFactory);
		return (store != null) ? store
				: database(LockDataSources.in(beanFactory), PROPERTY + "=jdbc asks for locks in a database, but ");
	}

	/**
	 * Files are for those who have no database, not for those whose database is hard to
	 * tell.
	 */
	private static BackendChoice whatThereIs(ConfigurableListableBeanFactory beanFactory) {
		BackendChoice store = ownStore(beanFactory);
		if (store != null) {
			return store;
		}
		LockDataSources dataSources = LockDataSources.in(beanFactory);
		if (dataSources.present()) {
			return database(dataSources, "");
		}
		List<String> reactive = reactive(beanFactory);
		return reactive.isEmpty() ? new BackendChoice(Kind.FILE, dataSources.reason(), null)
				: undecided("there is a database, but only a reactive ConnectionFactory " + reactive
						+ " leads to it, and locks need a DataSource");
	}

	private static @Nullable BackendChoice ownStore(ConfigurableListableBeanFactory beanFactory) {
		List<String> stores = new ArrayList<>(names(LeaseStore.class, beanFactory));
		stores.remove(STORE);
		return stores.isEmpty() ? null : new BackendChoice(Kind.JDBC, "there is a LeaseStore " + stores, null);
	}

	private static BackendChoice database(LockDataSources dataSources, String otherwise) {
		return (dataSources.name() != null) ? new BackendChoice(Kind.JDBC, dataSources.reason(), dataSources)
				: undecided(otherwise + dataSources.reason());
	}

	private static List<String> reactive(ConfigurableListableBeanFactory beanFactory) {
		ClassLoader classLoader = Objects.requireNonNullElseGet(beanFactory.getBeanClassLoader(),
				ClassUtils::getDefaultClassLoader);
		return ClassUtils.isPresent(REACTIVE, classLoader)
				? names(ClassUtils.resolveClassName(REACTIVE, classLoader), beanFactory) : List.of();
	}

	private static List<String> names(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		return Arrays.asList(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, true, false));
	}

	/** What to tell a user whose application cannot go on. */
	RefusedStartException refusal() {
		return new RefusedStartException("It is not clear where to keep cross-process locks: " + this.reason + ".",
				CHOICES, null);
	}

	/** What locks are made of. */
	enum Kind {

		JDBC, FILE, MEMORY,

		/** Nobody can tell, so nothing. */
		UNDECIDED;

		String inLowerCase() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
