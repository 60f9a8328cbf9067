/** What this process has lost. */
@NullMarked
package org.crossprocesslock.sample.lost;

import org.jspecify.annotations.NullMarked;
