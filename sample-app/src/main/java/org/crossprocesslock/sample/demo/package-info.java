/** The demo: starts processes of this application, kills one and judges the result. */
@NullMarked
package org.crossprocesslock.sample.demo;

import org.jspecify.annotations.NullMarked;
