package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockManager;

/**
 * Published when this process has lost a lock that was held: others may acquire its key
 * from now on. Listeners are called on a thread of their own, one event after the other;
 * they may block. Locks that were lost while the beans of the application were still
 * being created are published as soon as the beans exist. A context that uses the
 * {@link LockManager} of its parent context also receives the losses of that manager.
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
