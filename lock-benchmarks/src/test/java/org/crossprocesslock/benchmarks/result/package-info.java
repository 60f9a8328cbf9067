@NullMarked
package org.crossprocesslock.benchmarks.result;

import org.jspecify.annotations.NullMarked;
