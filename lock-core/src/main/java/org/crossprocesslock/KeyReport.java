package org.crossprocesslock;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a process has to say about one key.
 *
 * @param key the key
 * @param held by what it is held in this process: nothing, one guard, or several that
 * share it
 * @param waiting who waits for it in this process, {@code null} if nobody
 * @since 0.1.0
 */
public record KeyReport(String key, List<HeldKey> held, @Nullable WaitedKey waiting) {

}
