package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A process with a lease in the store. One that has died stays there until its lease is
 * deleted.
 *
 * @param leaseId the id of its lease
 * @param name its readable name; {@code null} if the lease is gone, so that its keys are
 * free
 * @param remaining the time until the lease runs out by the store's own clock, negative
 * if it has; {@code null} if it is gone
 * @param ending whether an operator has ended the lease, so that it cannot be renewed
 * @since 0.1.0
 */
public record Holder(String leaseId, @Nullable String name, @Nullable Duration remaining, boolean ending) {

}
