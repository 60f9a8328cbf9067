/**
 * What was measured, and what was to be reached.
 */
@NullMarked
package org.crossprocesslock.benchmarks.result;

import org.jspecify.annotations.NullMarked;
