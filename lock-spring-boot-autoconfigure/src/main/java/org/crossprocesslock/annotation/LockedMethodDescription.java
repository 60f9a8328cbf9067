package org.crossprocesslock.annotation;

import java.time.Duration;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.Internal;
import org.crossprocesslock.LockMode;

/**
 * What is known before a call of a method that is annotated with
 * {@link CrossProcessLocked}.
 *
 * @param method the method, with its class and the simple names of its parameters' types
 * @param key the template of the key as it was written
 * @param waitTime how long a call waits
 * @param holdAtLeast for how long at least nobody else is granted the key
 * @param onBusy what becomes of a call that has waited for so long
 * @param mode whom it excludes
 * @param fencing whether transactions in it are fenced
 * @param onLost what happens when the lock is lost
 * @param name the name for meters
 * @since 0.1.0
 */
@Internal
public record LockedMethodDescription(String method, String key, Duration waitTime, Duration holdAtLeast, OnBusy onBusy,
		LockMode mode, Fencing fencing, OnLost onLost, String name) {

}
