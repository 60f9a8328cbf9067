/**
 * Tests of what an application does with its locks: which keys it holds, and what it does
 * when a key is busy or a lock is lost. Begin with
 * {@link org.crossprocesslock.test.LockTester}.
 */
@NullMarked
package org.crossprocesslock.test;

import org.jspecify.annotations.NullMarked;
