@NullMarked
package org.crossprocesslock.benchmarks;

import org.jspecify.annotations.NullMarked;
