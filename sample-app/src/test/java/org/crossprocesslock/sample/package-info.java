@NullMarked
package org.crossprocesslock.sample;

import org.jspecify.annotations.NullMarked;
