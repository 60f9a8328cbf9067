/** Orders: from a CSV file, over HTTP, in the database. */
@NullMarked
package org.crossprocesslock.sample.order;

import org.jspecify.annotations.NullMarked;
