package org.crossprocesslock.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.crossprocesslock.autoconfigure.LockProperties.Backend;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.PropertyMapping;

/**
 * Has the locks of a test be in memory, whatever the application is configured to use,
 * and adds a {@link LockTester} bean. For tests of the whole application and for slices.
 * <p>
 * {@code LockManager} beans are wrapped for the {@link LockTester}, also those of the
 * application, so they have to be injected by that type. The reach that the application
 * requires is not asked for. With locks in memory a transaction under a lock that was
 * lost does not commit, as it does not in the database, and methods that require to be
 * fenced are taken as they are.
 * </p>
 *
 * @since 0.1.0
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
@PropertyMapping("cross-process-lock")
public @interface AutoConfigureCrossProcessLock {

	/**
	 * Where the locks of the test are; goes before the property
	 * {@code cross-process-lock.backend}.
	 * @return the backend
	 */
	Backend backend() default Backend.MEMORY;

}
