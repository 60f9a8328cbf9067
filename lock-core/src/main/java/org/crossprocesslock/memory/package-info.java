/**
 * Locks of one process, and the keyed lock that other backends build on.
 */
@NullMarked
package org.crossprocesslock.memory;

import org.jspecify.annotations.NullMarked;
