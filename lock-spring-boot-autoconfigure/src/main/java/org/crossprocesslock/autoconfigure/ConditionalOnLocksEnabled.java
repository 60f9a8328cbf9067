package org.crossprocesslock.autoconfigure;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Matches where {@code cross-process-lock.enabled} has the value, which it has in
 * {@link LockProperties} then, too.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnLocksEnabled.class)
@interface ConditionalOnLocksEnabled {

	boolean value();

}
