/**
 * Locks for Spring Integration: aggregators, leader initiators and whatever else takes a
 * {@link org.springframework.integration.support.locks.LockRegistry}.
 */
@NullMarked
package org.crossprocesslock.integration;

import org.jspecify.annotations.NullMarked;
