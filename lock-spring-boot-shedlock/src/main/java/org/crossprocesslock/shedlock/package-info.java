/**
 * Locks for those who lock with ShedLock: the same jobs, names and annotations on top of
 * a {@link org.crossprocesslock.LockManager}.
 */
@NullMarked
package org.crossprocesslock.shedlock;

import org.jspecify.annotations.NullMarked;
