@NullMarked
package org.crossprocesslock.sample.worker;

import org.jspecify.annotations.NullMarked;
