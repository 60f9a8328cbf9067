/**
 * Checks of transactions that run under locks, right before they commit.
 */
@NullMarked
package org.crossprocesslock.autoconfigure.fencing;

import org.jspecify.annotations.NullMarked;
