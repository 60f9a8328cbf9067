@NullMarked
package org.crossprocesslock.benchmarks.report;

import org.jspecify.annotations.NullMarked;
