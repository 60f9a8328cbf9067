/**
 * Auto-configuration of the {@link org.crossprocesslock.LockManager}.
 */
@NullMarked
package org.crossprocesslock.autoconfigure;

import org.jspecify.annotations.NullMarked;
