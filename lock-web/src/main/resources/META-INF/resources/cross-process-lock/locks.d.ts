/// <reference lib="esnext.disposable" />

/**
 * Named locks that exclude the tabs and workers of one origin in one browser, on the browser's own lock manager
 * (`navigator.locks`).
 *
 * **Guaranteed:** between the moment a guard is handed out and the moment it is closed or lost, no other guard of the key is
 * held by this module in any tab, frame or worker that shares the origin, the browser profile and the storage partition.
 * Requests are served in the order in which the browser got them. When a tab closes, navigates away or crashes, its locks are
 * free at once.
 *
 * **Not guaranteed:** anything towards other browsers, other profiles, private windows, other machines, or the server. Use a
 * lock of the server for what more than one browser can do.
 *
 * Keys follow the rule of the server's locks: 1 to 200 characters of ASCII letters, digits, `-`, `_` and `.`, of which the
 * first and the last are a letter or a digit. Locks are exclusive and not reentrant: asking for a key that the same tab holds
 * waits like any other request. All times are in milliseconds.
 *
 * Each outcome has its own type: busy is `null` from `tryLock`, a wait that was too short a {@link LockTimeoutError}, a lost lock
 * a {@link LockLostError}, storage that failed a {@link LockStoreError}, a page that cannot have locks a
 * {@link LocksUnavailableError}, an aborted request the reason of its signal, and an argument that is not allowed a `TypeError`,
 * before anything else is done. All functions report them by their promise.
 *
 * @packageDocumentation
 */

/** What a request may say beside its key and wait time. */
export interface LockOptions {
  /**
   * Ends the request while it waits: its promise is rejected with the reason of the signal, and nothing is held. Once the
   * guard has been handed out, the signal does nothing.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Proof of holding one key, until it is closed or lost. One that is never closed is held until its tab or worker ends, also
 * when it is no longer referenced.
 */
export interface LockGuard extends Disposable {
  /** The key. */
  readonly key: string;

  /**
   * The number of this acquisition: greater than that of every earlier one of the key in this browser profile, over tabs and
   * reloads. About the microseconds since 1970. Kept in IndexedDB; when that is cleared the numbers go on from the clock, so
   * they grow unless the clock was set back as well. Private windows and other browsers count for themselves.
   */
  readonly fencingToken: number;

  /** Whether the key is held at this moment. Once `false`, `false` for ever. */
  isHeld(): boolean;

  /**
   * Goes on if the key is held.
   * @throws {LockLostError} if the guard was lost
   * @throws {LockError} if the guard was closed
   */
  checkHeld(): void;

  /**
   * Calls back once if the guard is lost, or soon if it already is; not when it is closed in time. A lock is lost when its page
   * is frozen or put into the back-forward cache, where it stands still and would only keep others waiting, and when other code
   * of the origin takes it with `navigator.locks.request(name, { steal: true })`. In the first two cases the callback has only
   * the time of an event listener before the page stands still.
   */
  onLost(callback: (error: LockLostError) => void): void;

  /**
   * Releases the key; the next waiter has it within moments, and a later request of this tab finds it free. Only the first call
   * does anything.
   * @throws {LockLostError} if the guard was lost while it was open
   */
  close(): void;

  /** Closes, at the end of a block with `using`. There where the browser knows `Symbol.dispose`. */
  [Symbol.dispose](): void;
}

/** One line of {@link listLocks}. */
export interface LockEntry {
  readonly key: string;
  /** The browser's id of the tab or worker. */
  readonly holder: string;
}

/**
 * Attempts once to acquire the key. Does not wait for other holders.
 * @returns the guard, or `null` if the key is busy
 */
export function tryLock(key: string, options?: LockOptions): Promise<LockGuard | null>;

/**
 * Acquires the key, waiting for at most the given time. The wait time is mandatory so that no caller waits for ever by omission. Browsers
 * slow down the timers of hidden tabs, where a wait can end up to a minute late.
 *
 * A request whose page is frozen gives up its place and queues again when the page goes on.
 * @param waitTime milliseconds to wait for other holders; `0` is one attempt, `Infinity` no limit
 * @throws {LockTimeoutError} if others held the key for the whole wait time
 */
export function lock(key: string, waitTime: number, options?: LockOptions): Promise<LockGuard>;

/**
 * Acquires the key, runs the work and releases the key when the work, with the promise it returns, is done.
 * @returns what the work returned
 * @throws {LockTimeoutError} if others held the key for the whole wait time
 * @throws {LockLostError} if the guard was lost while the work ran; an error of the work itself goes first
 */
export function withLock<T>(key: string, waitTime: number, work: (guard: LockGuard) => T | PromiseLike<T>,
  options?: LockOptions): Promise<T>;

/**
 * Waits, without limit, to be the leader: the one tab that holds the key. Another one becomes it when this one closes, navigates
 * away, crashes or is frozen. The guard of a frozen tab is lost (`onLost`); call this again there to stand for the next election.
 *
 * A tab that hangs in a script or at a breakpoint stays the leader until it goes on or is closed.
 * @throws {LocksUnavailableError} in a worker, which gets no event when its page is frozen
 */
export function leader(key: string, options?: LockOptions): Promise<LockGuard>;

/** Who holds and who waits in this origin at this moment, for people and tests: when it is answered it may have changed. */
export function listLocks(): Promise<{ readonly held: LockEntry[]; readonly waiting: LockEntry[] }>;

/** What the errors of this module have in common. */
export class LockError extends Error {}

/** Others held the key for the whole wait time. */
export class LockTimeoutError extends LockError {
  private constructor();
  readonly key: string;
  /** Milliseconds from the request to this error. */
  readonly waited: number;
}

/** The lock was lost while its guard was open. Others may have held it since. */
export class LockLostError extends LockError {
  private constructor();
  readonly key: string;
  readonly fencingToken: number;
}

/** The fencing token could not be written. Nothing is held. Never reported as busy. */
export class LockStoreError extends LockError {
  private constructor();
  readonly key: string;
}

/** The page or worker cannot have locks: an insecure origin, an old browser, a sandboxed frame, blocked site data. */
export class LocksUnavailableError extends LockError {}
