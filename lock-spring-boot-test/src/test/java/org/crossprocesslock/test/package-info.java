@NullMarked
package org.crossprocesslock.test;

import org.jspecify.annotations.NullMarked;
