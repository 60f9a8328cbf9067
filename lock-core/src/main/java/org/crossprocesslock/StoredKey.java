package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A key as the store has it.
 *
 * @param key the key
 * @param token the token of the last grant, zero if the store does not know the key.
 * Hand-offs inside the process that has the grant go on from there without the store, so
 * a guard may have a token up to 999 greater
 * @param holder the process that holds it, {@code null} if none
 * @param keptFor the time, by the store's clock, for which the key stays busy because of
 * {@link LockRequest#holdAtLeast()} of its last grant; {@code null} if it is not kept
 * @since 0.1.0
 */
public record StoredKey(String key, long token, @Nullable Holder holder, @Nullable Duration keptFor) {

}
