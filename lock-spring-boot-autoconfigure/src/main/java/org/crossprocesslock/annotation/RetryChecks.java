package org.crossprocesslock.annotation;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.Advisor;
import org.springframework.aop.aspectj.AspectJPrecedenceInformation;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/**
 * Warns of retries inside of a lock, as those of spring-retry and Resilience4j are by
 * default: an attempt that follows the loss of the lock would run without it.
 */
final class RetryChecks {

	private static final Logger logger = LoggerFactory.getLogger(RetryChecks.class);

	private static final String SPRING_RETRY = "org.springframework.retry.annotation";

	private final ConfigurableListableBeanFactory beanFactory;

	private final AtomicBoolean said = new AtomicBoolean();

	RetryChecks(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/** Warns, once, if a method is repeated under its lock. */
	void check(Advised proxy, LockedMethod method, int orderOfLocks) {
		boolean locked = false;
		for (Advisor advisor : BeanAdvice.of(proxy)) {
			locked = locked || advisor instanceof CrossProcessLockedAdvisor;
			if (locked && repeats(advisor, method) && BeanAdvice.isOn(advisor, method)
					&& this.said.compareAndSet(false, true)) {
				logger.warn(
						"{} is repeated inside of its lock: all attempts and the pauses between them are under one lock, "
								+ "and those after the loss of the lock run without it. Give retries a smaller order "
								+ "(@EnableRetry(order = ...), resilience4j.retry.retry-aspect-order) than locks, which "
								+ "have {}",
						ClassUtils.getQualifiedMethodName(method.method(), method.beanClass()), orderOfLocks);
			}
		}
	}

	/** By its name, as the libraries may be absent. */
	private boolean repeats(Advisor advisor, LockedMethod method) {
		Class<?> type = typeOfAdvice(advisor);
		return type != null && type.getName().contains(".retry.") && type.getSimpleName().contains("Retry")
				&& !type.getSimpleName().startsWith("Stateful")
				&& (!type.getPackageName().equals(SPRING_RETRY) || isRetryable(method.method()));
	}

	// that advice is around all methods of a class that has one such, and what keeps a
	// state repeats nothing inside of a call
	private static boolean isRetryable(Method method) {
		MergedAnnotation<?> own = retryable(method);
		MergedAnnotation<?> nearest = own.isPresent() ? own : retryable(method.getDeclaringClass());
		return nearest.isPresent() && !nearest.getBoolean("stateful");
	}

	private static MergedAnnotation<?> retryable(AnnotatedElement element) {
		return MergedAnnotations.from(element, SearchStrategy.TYPE_HIERARCHY).get(SPRING_RETRY + ".Retryable");
	}

	private @Nullable Class<?> typeOfAdvice(Advisor advisor) {
		if (advisor.getAdvice() instanceof AspectJPrecedenceInformation aspect) {
			String name = aspect.getAspectName();
			return this.beanFactory.containsBean(name) ? this.beanFactory.getType(name, false) : null;
		}
		return advisor.getAdvice().getClass();
	}

}
