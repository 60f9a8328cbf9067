/**
 * Servers to measure on.
 */
@NullMarked
package org.crossprocesslock.benchmarks.database;

import org.jspecify.annotations.NullMarked;
