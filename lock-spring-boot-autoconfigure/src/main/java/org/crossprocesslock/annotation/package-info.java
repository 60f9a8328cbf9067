/**
 * Runs bean methods under a lock:
 * {@link org.crossprocesslock.annotation.CrossProcessLocked} and the advice behind it.
 */
@NullMarked
package org.crossprocesslock.annotation;

import org.jspecify.annotations.NullMarked;
