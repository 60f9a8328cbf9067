@NullMarked
package org.crossprocesslock.annotation;

import org.jspecify.annotations.NullMarked;
