/**
 * Processes that use locks, and what they are told to do.
 */
@NullMarked
package org.crossprocesslock.benchmarks.worker;

import org.jspecify.annotations.NullMarked;
