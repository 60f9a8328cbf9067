/**
 * Results for people and for programs.
 */
@NullMarked
package org.crossprocesslock.benchmarks.report;

import org.jspecify.annotations.NullMarked;
