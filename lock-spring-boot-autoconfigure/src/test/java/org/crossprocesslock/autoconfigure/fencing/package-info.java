@NullMarked
package org.crossprocesslock.autoconfigure.fencing;

import org.jspecify.annotations.NullMarked;
