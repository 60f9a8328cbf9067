@NullMarked
package org.crossprocesslock.shedlock;

import org.jspecify.annotations.NullMarked;
