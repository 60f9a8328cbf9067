@NullMarked
package org.crossprocesslock.autoconfigure;

import org.jspecify.annotations.NullMarked;
