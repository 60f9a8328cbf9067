/**
 * Measures the locks beside other libraries and beside what the database allows.
 */
@NullMarked
package org.crossprocesslock.benchmarks;

import org.jspecify.annotations.NullMarked;
