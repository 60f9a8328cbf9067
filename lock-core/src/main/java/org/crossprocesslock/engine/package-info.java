/**
 * What all backends share: the life of one request and of one guard. For those who write
 * a backend; users of locks need {@link org.crossprocesslock} only.
 */
@NullMarked
package org.crossprocesslock.engine;

import org.jspecify.annotations.NullMarked;
