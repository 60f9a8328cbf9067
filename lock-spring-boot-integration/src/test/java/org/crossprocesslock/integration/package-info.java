@NullMarked
package org.crossprocesslock.integration;

import org.jspecify.annotations.NullMarked;
