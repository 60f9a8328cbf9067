/**
 * Cross-process locks in Actuator: endpoint, health and info.
 */
@NullMarked
package org.crossprocesslock.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
