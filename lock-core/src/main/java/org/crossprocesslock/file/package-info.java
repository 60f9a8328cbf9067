/**
 * Locks held by the operating system through files: one lock for a whole directory and
 * process ({@link org.crossprocesslock.file.PidFileLockManager}), or one for each key
 * ({@link org.crossprocesslock.file.PerKeyFileLockManager}). The kernel frees what a
 * process held as soon as the process is gone, however it ended.
 *
 * <p>
 * Lock files are never deleted: whoever deletes one while it is held lets a second holder
 * in. What else can take a lock away from under its holder is checked twice a second, and
 * guards are lost then.
 * </p>
 */
@NullMarked
package org.crossprocesslock.file;

import org.jspecify.annotations.NullMarked;
