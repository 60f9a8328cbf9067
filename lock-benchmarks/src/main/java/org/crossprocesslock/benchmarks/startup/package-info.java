/**
 * A service that starts, to see how long it takes.
 */
@NullMarked
package org.crossprocesslock.benchmarks.startup;

import org.jspecify.annotations.NullMarked;
