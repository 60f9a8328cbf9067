/**
 * What docs/recipes.md shows.
 */
@NullMarked
package org.crossprocesslock.test.recipes;

import org.jspecify.annotations.NullMarked;
