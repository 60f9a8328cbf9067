package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The lease of a process, as it is known there.
 *
 * @param holder the readable name of the process, as others see it
 * @param id the id of the open lease, {@code null} while there is none
 * @param duration how long it lasts without a renewal
 * @param renewedAgo how long ago the last statement was sent that has opened or renewed
 * it and was answered. After a loss it goes on growing until the next lease is open;
 * {@code null} before the first one. The early warning: more than two or three renewal
 * intervals mean that the store does not answer
 * @param remaining the time until this process treats it as lost unless it is renewed,
 * zero if it is over; {@code null} before the first one
 * @param listening whether notifications of other processes arrive; if not, this process
 * polls busy keys
 * @param ownConnections whether the store has connections of its own, outside of any
 * pool; {@code null} if that is unknown
 * @since 0.1.0
 */
public record LeaseReport(String holder, @Nullable String id, Duration duration, @Nullable Duration renewedAgo,
		@Nullable Duration remaining, boolean listening, @Nullable Boolean ownConnections) {

}
