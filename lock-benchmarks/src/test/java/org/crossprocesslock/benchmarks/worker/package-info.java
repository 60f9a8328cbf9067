@NullMarked
package org.crossprocesslock.benchmarks.worker;

import org.jspecify.annotations.NullMarked;
