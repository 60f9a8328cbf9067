/** A process of the demo, which numbers orders until none is left. */
@NullMarked
package org.crossprocesslock.sample.worker;

import org.jspecify.annotations.NullMarked;
