@NullMarked
package org.crossprocesslock.sample.demo;

import org.jspecify.annotations.NullMarked;
