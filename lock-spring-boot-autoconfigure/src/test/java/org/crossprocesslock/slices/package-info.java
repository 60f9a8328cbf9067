@NullMarked
package org.crossprocesslock.slices;

import org.jspecify.annotations.NullMarked;
