@NullMarked
package org.crossprocesslock.lease;

import org.jspecify.annotations.NullMarked;
