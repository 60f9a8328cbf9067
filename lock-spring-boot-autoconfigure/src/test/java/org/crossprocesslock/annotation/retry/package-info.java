/**
 * Stand-ins for libraries that repeat calls, known by a package of this name and by their
 * own.
 */
@NullMarked
package org.crossprocesslock.annotation.retry;

import org.jspecify.annotations.NullMarked;
