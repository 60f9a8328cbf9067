/**
 * Stand-ins for spring-retry, which Spring Boot does not manage any more.
 */
@NullMarked
package org.springframework.retry.annotation;

import org.jspecify.annotations.NullMarked;
