package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockManager;

/**
 * Published when this process has lost a lock that was held: others may work under its
 * key from now on. Listeners are called on a thread of their own, one event after the
 * other; they may block. What was lost while the beans of the application were still
 * being made is published when they are there. A context that uses the
 * {@link LockManager} of a context above it hears of what that manager lost, too.
 *
 * @param key the key that is lost
 * @param name the name of the request, as for metrics
 * @param fencingToken the token of the guard
 * @param reason how it was lost, to follow a colon in a sentence
 * @since 0.1.0
 * @see LockManager
 */
public record LockLostEvent(String key, String name, long fencingToken, String reason) {

}
