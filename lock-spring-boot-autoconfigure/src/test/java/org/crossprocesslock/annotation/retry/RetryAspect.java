package org.crossprocesslock.annotation.retry;

import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/** As that of Resilience4j. */
@Aspect
public class RetryAspect implements Ordered {

	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE - 5;
	}

	@Around("execution(* third())")
	public @Nullable Object around(ProceedingJoinPoint call) throws Throwable {
		return call.proceed();
	}

}
