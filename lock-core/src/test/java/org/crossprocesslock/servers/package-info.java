/**
 * Servers of MySQL and MariaDB for tests, without a container engine.
 */
@NullMarked
package org.crossprocesslock.servers;

import org.jspecify.annotations.NullMarked;
