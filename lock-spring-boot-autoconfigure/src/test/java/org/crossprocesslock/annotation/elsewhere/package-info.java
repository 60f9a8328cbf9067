/**
 * What is inherited from another package.
 */
@NullMarked
package org.crossprocesslock.annotation.elsewhere;

import org.jspecify.annotations.NullMarked;
