/** The module for browser tabs, in a real browser. */
@NullMarked
package org.crossprocesslock.web;

import org.jspecify.annotations.NullMarked;
