package org.crossprocesslock.annotation;

import java.util.ArrayList;
import java.util.List;

import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;

/**
 * What runs around the methods of a bean.
 */
final class BeanAdvice {

	private BeanAdvice() {
	}

	/** All advisors of a bean, from the outside to the inside, of a proxy in it too. */
	static List<Advisor> of(Advised proxy) {
		List<Advisor> advisors = new ArrayList<>(List.of(proxy.getAdvisors()));
		if (AopProxyUtils.getSingletonTarget(proxy) instanceof Advised inner) {
			advisors.addAll(of(inner));
		}
		return advisors;
	}

	/** The classes that locks are around, from the outside to the inside. */
	static List<Class<?>> lockedClasses(Object bean) {
		List<Class<?>> classes = new ArrayList<>();
		for (Object each = bean; each instanceof Advised proxy; each = AopProxyUtils.getSingletonTarget(proxy)) {
			for (Advisor advisor : proxy.getAdvisors()) {
				if (advisor instanceof CrossProcessLockedAdvisor) {
					classes.add(ClassUtils.getUserClass(AopUtils.getTargetClass(proxy)));
				}
			}
		}
		return classes;
	}

	static boolean isOn(Advisor advisor, LockedMethod method) {
		return !(advisor instanceof PointcutAdvisor some)
				|| some.getPointcut().getMethodMatcher().matches(method.method(), method.beanClass());
	}

}
