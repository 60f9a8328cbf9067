/** Invoice numbers for orders, and the report that finds what went wrong with them. */
@NullMarked
package org.crossprocesslock.sample.invoice;

import org.jspecify.annotations.NullMarked;
