package org.crossprocesslock;

import org.jspecify.annotations.Nullable;

/**
 * A key as the store has it.
 *
 * @param key the key
 * @param token the token of the last grant, zero if the store does not know the key.
 * Hand-offs inside the process that has the grant go on from there without the store, so
 * a guard may have a token up to 999 greater
 * @param holder whose it is, {@code null} if nobody's
 * @since 0.1.0
 */
public record StoredKey(String key, long token, @Nullable Holder holder) {

}
