/**
 * An application and its tests, as docs/testing.md shows them.
 */
@NullMarked
package org.crossprocesslock.test.shop;

import org.jspecify.annotations.NullMarked;
