@NullMarked
package org.crossprocesslock.file;

import org.jspecify.annotations.NullMarked;
