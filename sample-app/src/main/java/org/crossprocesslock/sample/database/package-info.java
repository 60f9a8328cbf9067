/** The tables of the application. */
@NullMarked
package org.crossprocesslock.sample.database;

import org.jspecify.annotations.NullMarked;
