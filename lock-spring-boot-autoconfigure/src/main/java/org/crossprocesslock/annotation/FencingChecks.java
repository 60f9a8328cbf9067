package org.crossprocesslock.annotation;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.util.ClassUtils;

/**
 * What can be known at the start about the transactions of locked methods.
 */
final class FencingChecks {

	private static final Logger logger = LoggerFactory.getLogger(FencingChecks.class);

	private final CallerTransaction transaction;

	private final Supplier<TransactionFencing> fencing;

	private final AtomicBoolean orderSaid = new AtomicBoolean();

	/**
	 * Creates the checks.
	 * @param fencing what is to be done about transactions, asked with the first check
	 */
	FencingChecks(CallerTransaction transaction, Supplier<TransactionFencing> fencing) {
		this.transaction = transaction;
		this.fencing = fencing;
	}

	/**
	 * Makes sure that transactions can be checked where a method asks for that.
	 * @throws LockedMethodException if they cannot
	 */
	void requireFencing(LockedMethod method) {
		TransactionFencing present = fencing(method);
		String obstacle = (method.fencing() == Fencing.REQUIRED) ? present.obstacle() : null;
		if (obstacle != null) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"fencing=REQUIRED asks that its transactions are checked before they commit, but " + obstacle,
					"Keep the locks in the database of the transactions, or use fencing=AUTO");
		}
	}

	private TransactionFencing fencing(LockedMethod method) {
		try {
			return this.fencing.get();
		}
		catch (NoSuchBeanDefinitionException ex) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"there is no TransactionFencing bean, so that nothing would check its transactions",
					"Do not exclude FencingAutoConfiguration, or import it", ex);
		}
	}

	/**
	 * Makes sure that the transaction of a method begins under its lock. Warns once where
	 * it does not.
	 * @throws LockedMethodException if it does not and is to be checked
	 */
	void checkOrder(Advised proxy, LockedMethod method, int orderOfLocks) {
		Integer orderOfTransactions = this.transaction.orderOfOuter(proxy, method);
		if (orderOfTransactions == null) {
			return;
		}
		String orders = "The advice of transactions has order " + orderOfTransactions + ", that of locks "
				+ orderOfLocks;
		String remedy = "Set an order of @EnableTransactionManagement above that, or one of "
				+ "cross-process-lock.annotation.order below";
		if (this.fencing.get().effective(method.fencing()) == Fencing.REQUIRED) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"its transaction would begin before the lock is taken and could not be checked before it commits, "
							+ "which is required. " + orders,
					remedy);
		}
		if (this.orderSaid.compareAndSet(false, true)) {
			logger.warn(
					"The transaction of {} begins before the lock is taken: it may read before it has the lock, and is "
							+ "not checked before it commits. {}. {}",
					ClassUtils.getQualifiedMethodName(method.method(), method.beanClass()), orders, remedy);
		}
	}

}
