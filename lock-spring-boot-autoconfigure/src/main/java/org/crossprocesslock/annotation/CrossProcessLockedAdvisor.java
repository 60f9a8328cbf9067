package org.crossprocesslock.annotation;

import java.lang.reflect.Method;

import org.aopalliance.aop.Advice;

import org.springframework.aop.ClassFilter;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.Ordered;

/**
 * Applies the locks to annotated methods, outside of transactions, inside of
 * {@code @Async} and {@code @Retryable}.
 */
@SuppressWarnings("serial")
final class CrossProcessLockedAdvisor extends AbstractPointcutAdvisor implements SmartInitializingSingleton {

	/**
	 * Before the advice without an order of its own, which that of transactions and
	 * caches is; behind that of security, which decides who may wait for a lock.
	 */
	static final int ORDER = Ordered.LOWEST_PRECEDENCE - 100;

	private final transient LockedMethods methods;

	private final transient ThreadHolds holds;

	private final transient CrossProcessLockedInterceptor interceptor;

	private final transient Pointcut pointcut = new LockedPointcut();

	CrossProcessLockedAdvisor(LockedMethods methods, ThreadHolds holds) {
		this.methods = methods;
		this.holds = holds;
		this.interceptor = new CrossProcessLockedInterceptor(methods, holds);
		setOrder(ORDER);
	}

	/** Lets what cannot be had fail the start, not the first call. */
	@Override
	public void afterSingletonsInstantiated() {
		if (!this.methods.isEmpty()) {
			this.holds.manager();
			this.methods.all().forEach(this.holds::requireFencing);
		}
	}

	@Override
	public Pointcut getPointcut() {
		return this.pointcut;
	}

	@Override
	public Advice getAdvice() {
		return this.interceptor;
	}

	LockedMethods methods() {
		return this.methods;
	}

	private final class LockedPointcut extends StaticMethodMatcherPointcut {

		@Override
		public ClassFilter getClassFilter() {
			return (beanClass) -> !CrossProcessLockedAdvisor.this.methods.of(beanClass).isEmpty();
		}

		@Override
		public boolean matches(Method method, Class<?> beanClass) {
			return CrossProcessLockedAdvisor.this.methods.find(method, beanClass) != null;
		}

	}

}
