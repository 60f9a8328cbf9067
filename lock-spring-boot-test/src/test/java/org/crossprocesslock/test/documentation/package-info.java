/**
 * Tests that what the documentation says is so.
 */
@NullMarked
package org.crossprocesslock.test.documentation;

import org.jspecify.annotations.NullMarked;
