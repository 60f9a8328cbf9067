@NullMarked
package org.crossprocesslock.benchmarks.startup;

import org.jspecify.annotations.NullMarked;
