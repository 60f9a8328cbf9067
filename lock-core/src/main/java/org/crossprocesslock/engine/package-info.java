/**
 * What all backends share: the life of one request and of one guard. For the backends of
 * this library; users of locks need {@link org.crossprocesslock} only.
 */
@Internal
@NullMarked
package org.crossprocesslock.engine;

import org.crossprocesslock.Internal;
import org.jspecify.annotations.NullMarked;
