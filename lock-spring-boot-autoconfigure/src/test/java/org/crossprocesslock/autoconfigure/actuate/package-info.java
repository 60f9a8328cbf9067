@NullMarked
package org.crossprocesslock.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
