@NullMarked
package org.crossprocesslock.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
