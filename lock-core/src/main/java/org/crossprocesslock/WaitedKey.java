package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A key that requests of a process wait for.
 *
 * @param key the key
 * @param requests how many wait
 * @param longestWait how long the first of them has waited
 * @param holder the process that was last seen to have it, this one included;
 * {@code null} where it is not known
 * @since 0.1.0
 */
public record WaitedKey(String key, int requests, Duration longestWait, @Nullable String holder) {

}
