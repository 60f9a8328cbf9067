package org.crossprocesslock.annotation;

import java.lang.reflect.Method;

import org.aopalliance.aop.Advice;

import org.springframework.aop.ClassFilter;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Applies the locks to annotated methods, outside of transactions, inside of
 * {@code @Async} and Spring's {@code @Retryable}.
 */
@SuppressWarnings("serial")
final class CrossProcessLockedAdvisor extends AbstractPointcutAdvisor
		implements SmartInitializingSingleton, ApplicationListener<ContextRefreshedEvent> {

	private final transient LockedMethods methods;

	private final transient ThreadHolds holds;

	private final transient FencingChecks checks;

	private final transient AsynchronousChecks asynchronous;

	private final transient RetryChecks retries;

	private final transient ConfigurableListableBeanFactory beanFactory;

	private final transient LockedBeans beans;

	private final transient CrossProcessLockedInterceptor interceptor;

	private final transient Pointcut pointcut = new LockedPointcut();

	private volatile boolean ready;

	CrossProcessLockedAdvisor(LockedMethods methods, ThreadHolds holds, FencingChecks checks,
			AsynchronousChecks asynchronous, CallObserver observer, ConfigurableListableBeanFactory beanFactory,
			int order) {
		this.methods = methods;
		this.holds = holds;
		this.checks = checks;
		this.asynchronous = asynchronous;
		this.retries = new RetryChecks(beanFactory);
		this.beanFactory = beanFactory;
		this.beans = new LockedBeans(methods);
		this.interceptor = new CrossProcessLockedInterceptor(methods, holds, observer);
		setOrder(order);
	}

	/** Lets what cannot be had fail the start, not the first call. */
	@Override
	public void afterSingletonsInstantiated() {
		this.ready = true;
		this.beans.checkAll(this.beanFactory, this::checkIfReady);
		for (LockedMethod method : this.methods.all()) {
			requireManager(method);
			this.checks.requireFencing(method);
			this.holds.requireKeeping(method);
		}
	}

	private void requireManager(LockedMethod method) {
		try {
			this.holds.manager(method);
		}
		catch (NoUniqueBeanDefinitionException ex) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"there are several LockManager beans " + ex.getBeanNamesFound() + ", and none of them is @Primary, "
							+ "so that it is not clear which one to use",
					"Mark the LockManager that locks annotated methods with @Primary, or name one with manager", ex);
		}
	}

	/**
	 * Looks at what is known about transactions and other threads once the singletons are
	 * there, of a bean that was made before or since.
	 */
	void checkIfReady(Object bean) {
		if (this.ready && bean instanceof Advised proxy) {
			for (Class<?> locked : BeanAdvice.lockedClasses(bean)) {
				for (LockedMethod method : this.methods.of(locked).values()) {
					this.asynchronous.check(proxy, method);
					requireManager(method);
					this.checks.requireFencing(method);
					this.holds.requireKeeping(method);
					this.checks.checkOrder(proxy, method, getOrder());
					this.retries.check(proxy, method, getOrder());
				}
			}
		}
	}

	/**
	 * Looks at the beans of a context below that cannot do it itself, and at those it
	 * makes later. What is thrown here fails its start.
	 */
	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		if (event.getApplicationContext() instanceof ConfigurableApplicationContext context
				&& context.getBeanFactory().getBeanNamesForType(getClass(), true, false).length == 0) {
			ConfigurableListableBeanFactory below = context.getBeanFactory();
			this.beans.checkAll(below, this::checkIfReady);
			below.addBeanPostProcessor(new LockedBeanPostProcessor(below, this.methods,
					below.getBeanProvider(CrossProcessLockedAdvisor.class)));
		}
	}

	ThreadHolds holds() {
		return this.holds;
	}

	@Override
	public Pointcut getPointcut() {
		return this.pointcut;
	}

	@Override
	public Advice getAdvice() {
		return this.interceptor;
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
