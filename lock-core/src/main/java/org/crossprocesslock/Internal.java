package org.crossprocesslock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Not for users of the library, although it is public: other packages of the library need
 * it. What has this annotation, or is in a package that has it, may change or go with any
 * release, without a word in the changelog.
 *
 * @since 0.1.0
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.TYPE, ElementType.PACKAGE })
public @interface Internal {

}
