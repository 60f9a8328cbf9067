package org.crossprocesslock.autoconfigure.fencing;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.Internal;
import org.crossprocesslock.LockManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/**
 * Which transactions of this context are checked before they commit under a lock. Known
 * once all singletons are there.
 *
 * @since 0.1.0
 */
@Internal
public final class TransactionFencing implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(TransactionFencing.class);

	/** How the check of a transaction ended. */
	public enum Check {

		/** All locks were held: the transaction may commit. */
		PASSED,

		/** A lock was lost: the transaction is rolled back. */
		REFUSED,

		/** It could not be said: the transaction is rolled back. */
		FAILED

	}

	private final Map<Check, LongAdder> checks = new EnumMap<>(
			Map.of(Check.PASSED, new LongAdder(), Check.REFUSED, new LongAdder(), Check.FAILED, new LongAdder()));

	private final Fencing configured;

	private final boolean ofTest;

	private final ObjectProvider<FencedTransactionManagers> managers;

	private final ListableBeanFactory beanFactory;

	TransactionFencing(Fencing configured, ObjectProvider<FencedTransactionManagers> managers,
			ListableBeanFactory beanFactory) {
		this(configured, false, managers, beanFactory);
	}

	private TransactionFencing(Fencing configured, boolean ofTest, ObjectProvider<FencedTransactionManagers> managers,
			ListableBeanFactory beanFactory) {
		this.configured = configured;
		this.ofTest = ofTest;
		this.managers = managers;
		this.beanFactory = beanFactory;
	}

	/**
	 * Of a test whose locks are not in a database: a transaction rolls back if its lock
	 * was lost by then, and nothing is refused for want of a database that could tell,
	 * {@link Fencing#REQUIRED} included.
	 * @param configured what the property says
	 * @return what is done in the test
	 */
	public static TransactionFencing ofTest(Fencing configured) {
		StaticListableBeanFactory nothing = new StaticListableBeanFactory();
		return new TransactionFencing(configured, true, nothing.getBeanProvider(FencedTransactionManagers.class),
				nothing);
	}

	/**
	 * What is to be done, given what is asked for in a place.
	 * @param asked what is asked for, {@link Fencing#AUTO} for what the property says
	 * @return what the place or else the property says
	 */
	public Fencing effective(Fencing asked) {
		Fencing wanted = (asked != Fencing.AUTO) ? asked : this.configured;
		return (this.ofTest && wanted == Fencing.REQUIRED) ? Fencing.AUTO : wanted;
	}

	/**
	 * Why no transaction of this context can be checked.
	 * @return the reason, to follow a colon in a sentence, or {@code null} if there is a
	 * transaction manager whose transactions are
	 */
	public @Nullable String obstacle() {
		if (this.ofTest) {
			return null;
		}
		FencedTransactionManagers present = this.managers.getIfAvailable();
		return (present != null) ? present.obstacle()
				: "Spring's support for transactions with JDBC (spring-jdbc) is " + "not on the class path";
	}

	/**
	 * How many transactions were checked so far. Safe from any thread.
	 * @param outcome how the checks ended
	 * @return how many ended so
	 */
	public long count(Check outcome) {
		return adder(outcome).sum();
	}

	void checked(Check outcome) {
		adder(outcome).increment();
	}

	private LongAdder adder(Check outcome) {
		return Objects.requireNonNull(this.checks.get(outcome));
	}

	@Override
	public void afterSingletonsInstantiated() {
		boolean anyLocks = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, LockManager.class,
				true, false).length > 0;
		if (!anyLocks || this.configured == Fencing.OFF) {
			return;
		}
		String obstacle = (this.configured == Fencing.REQUIRED) ? obstacle() : null;
		if (obstacle != null) {
			throw new FencingNotPossibleException(obstacle);
		}
		FencedTransactionManagers present = this.managers.getIfAvailable();
		if (present != null) {
			for (Map.Entry<String, String> each : present.obstacles().entrySet()) {
				logger.info("Transactions of '{}' are not checked for lost locks before they commit: {}", each.getKey(),
						each.getValue());
			}
		}
	}

}
