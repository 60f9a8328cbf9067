@NullMarked
package org.crossprocesslock.autoconfigure.web;

import org.jspecify.annotations.NullMarked;
