package org.crossprocesslock;

import java.util.concurrent.CompletableFuture;

/**
 * Proof of holding one key, until it closes or is lost. It belongs to no thread: any
 * thread may use and close it.
 *
 * <h2>What if my lease runs out while I work?</h2>
 * <p>
 * On a backend with leases (JDBC) a process shows that it is alive by renewing its lease.
 * A process that could not renew it, because it was paused, cut off from the database, or
 * because the database was down for longer than the lease, counts as dead: otherwise the
 * keys of a crashed process would never become free. From then on other processes may
 * hold its keys. What this library does about it:
 * </p>
 * <ul>
 * <li><b>You can see it.</b> {@link #isHeld()} is {@code false} from the moment the lease
 * may have run out, before another process can hold the key. It does no I/O, so call it
 * often: between two steps of a long job, before each message that is sent.</li>
 * <li><b>You are notified.</b> {@link #onLost(Runnable)} runs within moments, from a
 * timer that does not depend on the database.</li>
 * <li><b>You cannot overlook it.</b> {@link #close()} of a lost guard throws
 * {@link LockLostException}; in try-with-resources the work that seemed to succeed then
 * fails.</li>
 * <li><b>It is final.</b> A lost guard is never held again, whatever a late answer of the
 * database says.</li>
 * </ul>
 * <p>
 * <b>Not promised:</b> a process that is paused right after {@code isHeld()} has returned
 * {@code true} can still write when it resumes minutes later. If that must not do harm,
 * commit in a fenced transaction (see {@link Fencing}), or pass the
 * {@link #fencingToken()} to the system that is written to and let it refuse a token
 * smaller than one it has seen.
 * </p>
 * <p>
 * On file locks there is no lease: the operating system keeps the lock for as long as the
 * process lives, however long it is paused. It is lost only if the lock file is deleted
 * or replaced, or if other code of this process opens and closes it; that is detected
 * within a second, and then all of the above holds.
 * </p>
 * <p>
 * A guard that is garbage-collected without having been closed is released and reported
 * with the place where it was acquired. That is a safety net for a bug, not a way to
 * release: it happens at an unknown time.
 * </p>
 *
 * @since 0.1.0
 */
public interface LockGuard extends AutoCloseable {

	/**
	 * The key this guard holds.
	 * @return the key
	 */
	String key();

	/**
	 * The number of this acquisition: strictly greater than that of every earlier
	 * acquisition of the key in any process, within the reach of the backend. Guards that
	 * share a key ({@link LockMode#SHARED_IN_PROCESS}) share the number.
	 * @return the fencing token
	 */
	long fencingToken();

	/**
	 * Whether the key is certainly held at this moment. No I/O, no blocking. Once
	 * {@code false}, {@code false} for ever.
	 * @return {@code false} if this guard is closed, lost, or its lease may have run out
	 */
	boolean isHeld();

	/**
	 * Goes on if the key is certainly held.
	 * @throws LockLostException if the guard was lost
	 * @throws IllegalStateException if the guard was closed
	 */
	void checkHeld();

	/**
	 * Whether another process may have held the key since this one last did, so that what
	 * this process caches about the thing may be stale. True unless proven false: after a
	 * statement without an answer, after the store's row was purged, or when this process
	 * has dropped its memory of rarely used keys, it is true to be safe. Belongs to the
	 * key in this process, not to one guard: it stays until cleared, over any number of
	 * acquisitions. No I/O.
	 * @return whether to reload what is cached
	 */
	boolean isDirty();

	/**
	 * Declares that this process has reloaded what it caches. Does nothing on a guard
	 * that is no longer held.
	 */
	void clearDirty();

	/**
	 * Runs the callback once if this guard is lost, or at once if it already is, on a
	 * thread of the library; it may block. Not run when the guard closes in time. Its
	 * exceptions are logged. The callback is kept until then, and with it all it refers
	 * to: one that refers to the guard keeps an unclosed guard from being found by the
	 * garbage collector.
	 * @param callback what to do about the loss, for example cancel the work
	 */
	void onLost(Runnable callback);

	/**
	 * Releases the key; the next waiter may acquire it when this returns, one in another
	 * process only later if the backend was configured to let keys linger. Only the first
	 * call has an effect. Blocks while the release is written, bounded by the time limits
	 * of the backend; not interruptible. A release that could not be written is logged
	 * and repeated in the background; it is no error here, since the lease limits how
	 * long others have to wait.
	 * @throws LockLostException if the guard was lost while it was open; nothing is
	 * released then
	 */
	@Override
	void close();

	/**
	 * As {@link #close()}, for a caller that must not wait for the release to be written.
	 * Only the first call of either method has an effect.
	 * @return completes when {@code close()} would have returned, and fails with the
	 * {@link LockLostException} that it would have thrown: at once, or on a separate
	 * thread of the library, so dependent stages may block
	 */
	CompletableFuture<Void> closeAsync();

}
