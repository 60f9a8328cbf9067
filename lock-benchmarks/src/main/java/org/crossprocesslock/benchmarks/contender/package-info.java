/**
 * What is compared: lock libraries and bare SQL, made to look alike.
 */
@NullMarked
package org.crossprocesslock.benchmarks.contender;

import org.jspecify.annotations.NullMarked;
