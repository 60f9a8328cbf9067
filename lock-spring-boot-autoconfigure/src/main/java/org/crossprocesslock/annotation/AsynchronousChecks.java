package org.crossprocesslock.annotation;

import java.util.function.Supplier;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.interceptor.AsyncExecutionInterceptor;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.scheduling.annotation.Async;
import org.springframework.util.ClassUtils;

/**
 * What can be known at the start about methods whose work goes on after they returned, or
 * is done by another thread.
 */
final class AsynchronousChecks {

	private static final String ASYNC_ASPECT = "org.springframework.context.annotation.internalAsyncExecutionAspect";

	private final CallerTransaction transaction;

	private final Supplier<TransactionFencing> fencing;

	private final BeanFactory beanFactory;

	/**
	 * Creates the checks.
	 * @param fencing what is to be done about transactions, asked with the first check
	 */
	AsynchronousChecks(CallerTransaction transaction, Supplier<TransactionFencing> fencing, BeanFactory beanFactory) {
		this.transaction = transaction;
		this.fencing = fencing;
		this.beanFactory = beanFactory;
	}

	/**
	 * Makes sure that a method keeps its lock until its work is done, and that its
	 * transactions are checked if they have to be.
	 * @throws LockedMethodException if not
	 */
	void check(Advised proxy, LockedMethod method) {
		boolean inBackground = isInBackground(proxy, method);
		if (method.kind() == CallKind.FUTURE && !inBackground) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"it returns a Future, which does not signal when it is done",
					"Return a CompletableFuture, or make it @Async");
		}
		if (method.kind() == CallKind.REACTIVE || (method.kind() == CallKind.STAGE && !inBackground)) {
			checkFencing(method);
		}
	}

	/**
	 * Whether it is called by a thread of {@code @Async}, which waits for what it does.
	 */
	private boolean isInBackground(Advised proxy, LockedMethod method) {
		boolean inBackground = false;
		boolean locked = false;
		for (Advisor advisor : BeanAdvice.of(proxy)) {
			if (advisor instanceof CrossProcessLockedAdvisor) {
				locked = true;
			}
			else if (advisor.getAdvice() instanceof AsyncExecutionInterceptor && BeanAdvice.isOn(advisor, method)) {
				if (locked) {
					throw handedOn(method, "Remove the order from @EnableAsync");
				}
				inBackground = true;
			}
		}
		if (this.beanFactory.containsBean(ASYNC_ASPECT) && isAsync(method)) {
			throw handedOn(method, "Use @EnableAsync with proxies");
		}
		return inBackground;
	}

	private static LockedMethodException handedOn(LockedMethod method, String remedy) {
		return new LockedMethodException(method.method(), method.beanClass(),
				"it is @Async, and its lock would be taken, and released, by the thread that hands it to another one",
				remedy);
	}

	private static boolean isAsync(LockedMethod method) {
		return MergedAnnotations.from(method.method(), SearchStrategy.TYPE_HIERARCHY).isPresent(Async.class)
				|| MergedAnnotations.from(method.beanClass(), SearchStrategy.TYPE_HIERARCHY).isPresent(Async.class);
	}

	private void checkFencing(LockedMethod method) {
		Fencing wanted = this.fencing.get().effective(method.fencing());
		String remedy = "Use fencing=OFF if it is enough that the call fails when its lock is lost, or move the "
				+ "transaction into a method that returns when it is done";
		if (wanted == Fencing.REQUIRED) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"fencing is required, but its work goes on after it has returned, and transactions of other threads "
							+ "and reactive ones cannot be checked before they commit",
					remedy);
		}
		if (wanted == Fencing.AUTO && method.kind() == CallKind.REACTIVE && this.transaction.isBegunBy(method)) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"it is transactional and returns " + describe(method) + ", and a reactive transaction cannot be "
							+ "checked before it commits, so that one that has lost its lock would commit all the same",
					remedy);
		}
	}

	private static String describe(LockedMethod method) {
		Class<?> type = method.method().getReturnType();
		return (type != Object.class) ? "a " + ClassUtils.getShortName(type) : "later";
	}

}
