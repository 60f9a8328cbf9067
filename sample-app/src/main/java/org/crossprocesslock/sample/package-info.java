/** A service that gives gapless invoice numbers to orders, to run, kill and watch. */
@NullMarked
package org.crossprocesslock.sample;

import org.jspecify.annotations.NullMarked;
