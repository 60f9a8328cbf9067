package org.crossprocesslock;

import java.time.Instant;
import java.util.List;

/**
 * What a store says about keys.
 *
 * @param clock the store's own time
 * @param keys the keys
 * @param more whether there are more after the last one
 * @since 0.1.0
 */
public record StoreReport(Instant clock, List<StoredKey> keys, boolean more) {

}
