package org.crossprocesslock;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The state of one key in a process.
 *
 * @param key the key
 * @param held the guards that hold it in this process: none, one, or several that share
 * it
 * @param waiting the requests that wait for it in this process, {@code null} if none
 * @since 0.1.0
 */
public record KeyReport(String key, List<HeldKey> held, @Nullable WaitedKey waiting) {

}
