/**
 * Tests with real processes: Java virtual machines that are killed, stopped and raced.
 */
@NullMarked
package org.crossprocesslock.processes;

import org.jspecify.annotations.NullMarked;
