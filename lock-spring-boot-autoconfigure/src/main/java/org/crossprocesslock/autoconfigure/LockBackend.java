package org.crossprocesslock.autoconfigure;

/**
 * The backend that was chosen for the auto-configured
 * {@link org.crossprocesslock.LockManager}. There is no such bean beside a manager of the
 * application's own.
 *
 * @param name name of the backend, for logs and as a tag of meters
 * @param reason why it was chosen, to follow a colon in a sentence
 * @since 0.1.0
 */
public record LockBackend(String name, String reason) {

}
