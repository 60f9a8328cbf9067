/**
 * Stand-in for a module of Spring Boot.
 */
@NullMarked
package org.springframework.boot.r2dbc.autoconfigure;

import org.jspecify.annotations.NullMarked;
