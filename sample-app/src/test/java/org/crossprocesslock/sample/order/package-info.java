@NullMarked
package org.crossprocesslock.sample.order;

import org.jspecify.annotations.NullMarked;
