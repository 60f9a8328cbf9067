package org.crossprocesslock.annotation;

import java.util.ArrayList;
import java.util.List;

import org.springframework.aop.Advisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;

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

	static boolean isOn(Advisor advisor, LockedMethod method) {
		return !(advisor instanceof PointcutAdvisor some)
				|| some.getPointcut().getMethodMatcher().matches(method.method(), method.beanClass());
	}

}
