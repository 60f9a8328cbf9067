@NullMarked
package org.crossprocesslock.sample.invoice;

import org.jspecify.annotations.NullMarked;
