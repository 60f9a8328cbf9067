/**
 * What is measured: one class for each scenario.
 */
@NullMarked
package org.crossprocesslock.benchmarks.scenario;

import org.jspecify.annotations.NullMarked;
