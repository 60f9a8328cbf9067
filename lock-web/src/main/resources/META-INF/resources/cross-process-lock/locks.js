// Named locks across the tabs and workers of one origin in one browser, on navigator.locks. Documented in locks.d.ts.

import { connect, nextToken, whenClosed } from "./tokens.js";

// keeps these locks apart from those that other code of the origin takes
const NAME_PREFIX = "cross-process-lock:";
const MAX_KEY_LENGTH = 200;
const KEY_RULE = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const SHOWN_OF_A_BAD_KEY = 60;
const STORAGE_LIMIT_MS = 10_000;
// setTimeout takes a longer delay for none at all
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export class LockError extends Error {}

export class LockTimeoutError extends LockError {
  constructor(key, waited) {
    super(`Key '${key}' was busy for the whole wait of ${waited} ms; wait longer, or do without the work this time`);
    this.key = key;
    this.waited = waited;
  }
}

export class LockLostError extends LockError {
  constructor(key, fencingToken, reason) {
    super(`Key '${key}' (fencing token ${fencingToken}) was lost while it was held: ${reason}. `
      + "Others may have held it since; treat the work done under it as done without a lock");
    this.key = key;
    this.fencingToken = fencingToken;
  }
}

export class LockStoreError extends LockError {
  constructor(key, cause) {
    super(`Key '${key}' was not acquired, since its fencing token could not be written to IndexedDB: ${cause}`, { cause });
    this.key = key;
  }
}

export class LocksUnavailableError extends LockError {}

for (const [name, { prototype }] of Object.entries({
  LockError, LockTimeoutError, LockLostError, LockStoreError, LocksUnavailableError,
})) {
  prototype.name = name;
}

/** Holds that are neither released nor lost. */
const open = new Set();
/** Settled when all releases have reached the browser. */
let released = Promise.resolve();

/** A lock that the browser has granted, until it is given back. */
class Hold {
  #end;
  #ended;
  #closed = false;
  #lost = null;
  #callbacks = [];

  constructor(key, end, ended) {
    this.key = key;
    this.fencingToken = 0;
    this.#end = end;
    this.#ended = ended;
    open.add(this);
  }

  isHeld() {
    return open.has(this);
  }

  checkHeld() {
    if (this.#lost !== null) {
      throw this.#lost;
    }
    if (this.#closed) {
      throw new LockError(`The guard of key '${this.key}' is closed`);
    }
  }

  onLost(callback) {
    if (typeof callback !== "function") {
      throw new TypeError(`onLost takes a function, not ${callback}`);
    }
    if (this.isHeld()) {
      this.#callbacks.push(callback);
    } else if (this.#lost !== null) {
      queueMicrotask(() => this.#tell(callback));
    }
  }

  close() {
    const overlooked = this.#closed ? null : this.#lost;
    this.release();
    if (overlooked !== null) {
      throw overlooked;
    }
  }

  release() {
    this.#closed = true;
    this.#giveBack();
  }

  lose(reason) {
    if (this.isHeld()) {
      this.#lost = new LockLostError(this.key, this.fencingToken, reason);
      this.#giveBack();
      this.#callbacks.splice(0).forEach((callback) => this.#tell(callback));
    }
  }

  #giveBack() {
    if (open.delete(this)) {
      this.#end();
      released = Promise.allSettled([released, this.#ended]).then(() => {});
    }
  }

  #tell(callback) {
    try {
      callback(this.#lost);
    } catch (error) {
      reportError(error);
    }
  }

  /** What the caller sees of this. */
  guard() {
    const { key, fencingToken } = this;
    const close = () => this.close();
    return Object.freeze({
      key, fencingToken, close,
      isHeld: () => this.isHeld(),
      checkHeld: () => this.checkHeld(),
      onLost: (callback) => this.onLost(callback),
      ...(Symbol.dispose && { [Symbol.dispose]: close }),
    });
  }
}

export async function tryLock(key, options) {
  const hold = await acquire(key, 0, options);
  return hold && hold.guard();
}

export async function lock(key, waitTime, options) {
  return (await holding(key, waitTime, options)).guard();
}

export async function withLock(key, waitTime, work, options) {
  if (typeof work !== "function") {
    throw new TypeError(`withLock takes a function to run under key '${key}', not ${work}`);
  }
  const hold = await holding(key, waitTime, options);
  try {
    const result = await work(hold.guard());
    hold.close();
    return result;
  } finally {
    hold.release();
  }
}

export async function leader(key, options) {
  if (globalThis.document === undefined) {
    throw new LocksUnavailableError("A worker cannot be the leader: it gets no event when its page is frozen and would go on "
      + "leading. Call leader() in the page and send messages to the worker");
  }
  return lock(key, Infinity, options);
}

export async function listLocks() {
  const { held = [], pending = [] } = await ask((locks) => locks.query());
  const ours = (infos) => infos.filter(({ name }) => name.startsWith(NAME_PREFIX))
    .map(({ name, clientId }) => ({ key: name.slice(NAME_PREFIX.length), holder: clientId }));
  return { held: ours(held), waiting: ours(pending) };
}

async function holding(key, waitTime, options) {
  const start = performance.now();
  const hold = await acquire(key, waitTime, options);
  if (hold === null) {
    throw new LockTimeoutError(key, Math.round(performance.now() - start));
  }
  return hold;
}

async function acquire(key, waitTime, options) {
  checkKey(key);
  checkWaitTime(key, waitTime);
  const signal = checkedSignal(options);
  lockManager();
  const deadline = performance.now() + waitTime;
  for (;;) {
    signal?.throwIfAborted();
    const before = pauses;
    await running;
    await stored(key, connect);
    const hold = await request(key, { ifAvailable: true }) ?? await queue(key, deadline, signal);
    if (hold !== null && await numbered(hold, signal)) {
      return hold;
    }
    if (performance.now() >= deadline && pauses === before) {
      signal?.throwIfAborted();
      return null;
    }
  }
}

/** Waits in the browser's queue. A pause of the page ends that too: a lock granted meanwhile would be of no use. */
async function queue(key, deadline, signal) {
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  if (signal?.aborted) {
    giveUp();
  }
  const cancel = at(deadline, giveUp);
  signal?.addEventListener("abort", giveUp);
  queued.add(giveUp);
  try {
    return await request(key, { signal: controller.signal });
  } finally {
    cancel();
    signal?.removeEventListener("abort", giveUp);
    queued.delete(giveUp);
  }
}

function request(key, options) {
  return ask((locks) => new Promise((resolve, reject) => {
    let hold = null;
    const ended = locks.request(NAME_PREFIX + key, options, (granted) => {
      if (granted === null || options.signal?.aborted || resume !== null) {
        return resolve(null);
      }
      return new Promise((end) => {
        hold = new Hold(key, end, ended);
        resolve(hold);
      });
    });
    ended.catch((error) => {
      if (hold !== null) {
        hold.lose(`the browser took it back (${error}), as when other code asks for it with 'steal'`);
      } else if (options.signal?.aborted) {
        resolve(null);
      } else {
        reject(error);
      }
    });
  }));
}

function lockManager() {
  const { navigator, isSecureContext, location } = globalThis;
  if (navigator?.locks === undefined) {
    throw new LocksUnavailableError(isSecureContext
      ? "There are no locks in this browser; Chrome and Edge 69, Firefox 96, Safari 15.4 and newer have navigator.locks"
      : `There are no locks on ${location?.origin}, which is not secure; serve the page over https or from localhost`);
  }
  return navigator.locks;
}

async function ask(question) {
  const locks = lockManager();
  // what is asked right behind a close would overtake the release
  await released;
  try {
    return await question(locks);
  } catch (cause) {
    throw new LocksUnavailableError(`The browser refuses locks to this page or worker: ${cause}`, { cause });
  }
}

/** Writes the fencing token and says whether the hold may be handed out. One that nobody wants any more is released. */
async function numbered(hold, signal) {
  try {
    signal?.throwIfAborted();
    hold.fencingToken = await stored(hold.key, nextToken);
    signal?.throwIfAborted();
    return hold.isHeld();
  } catch (error) {
    hold.release();
    throw error;
  }
}

/** Asks the storage of the tokens, which has ten seconds to answer; standing still does not count. */
async function stored(key, question) {
  const before = pauses;
  let cancel;
  const limit = new Promise((_, reject) => {
    cancel = at(performance.now() + STORAGE_LIMIT_MS, () => reject(new Error(`no answer in ${STORAGE_LIMIT_MS} ms`)));
  });
  try {
    return await Promise.race([question(), limit]);
  } catch (cause) {
    if (pauses !== before) {
      await running;
      return stored(key, question);
    }
    // a browser that refuses locks as well refuses them for the same reason
    await ask((locks) => locks.query());
    throw new LockStoreError(key, cause);
  } finally {
    cancel();
  }
}

/** How often this page was frozen or put into the back-forward cache. */
let pauses = 0;
/** Pending while it is. */
let running = Promise.resolve();
let resume = null;
/** What gives up the places of this page in the browser's queue. */
const queued = new Set();

function pause() {
  if (resume === null) {
    pauses++;
    running = new Promise((settle) => resume = settle);
    queued.forEach((giveUp) => giveUp());
    open.forEach((hold) => hold.lose("the page was frozen or put into the back-forward cache"));
  }
}

function goOn() {
  resume?.();
  resume = null;
}

whenClosed(() => open.forEach((hold) => hold.lose("the browser closed the storage, as when the data of the site is cleared")));

const pauseIfKept = (event) => event.persisted && pause();

// captured, so that no other listener comes first. Workers have no such events, a server not even the function
for (const [type, listener] of Object.entries({ freeze: pause, pagehide: pauseIfKept, resume: goOn, pageshow: goOn })) {
  globalThis.addEventListener?.(type, listener, true);
}

function at(time, action) {
  let timer;
  const arm = () => {
    const rest = time - performance.now();
    if (rest <= 0) {
      action();
    } else {
      timer = setTimeout(arm, Math.min(Math.ceil(rest), LONGEST_DELAY_MS));
    }
  };
  arm();
  return () => clearTimeout(timer);
}

function checkKey(key) {
  if (typeof key !== "string") {
    throw new TypeError(`A key is a string, not ${typeof key}`);
  }
  if (key.length > MAX_KEY_LENGTH || !KEY_RULE.test(key)) {
    const shown = key.slice(0, SHOWN_OF_A_BAD_KEY)
      .replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
    throw new TypeError(`Key '${shown}${key.length > SHOWN_OF_A_BAD_KEY ? "..." : ""}' (${key.length} characters) is not `
      + `allowed: a key has 1 to ${MAX_KEY_LENGTH} characters of A-Z, a-z, 0-9, '-', '_' and '.', and begins and ends with a `
      + "letter or digit");
  }
}

function checkWaitTime(key, waitTime) {
  if (typeof waitTime !== "number" || !(waitTime >= 0)) {
    throw new TypeError(`Wait time ${waitTime} for key '${key}' is not allowed: it is a number of milliseconds, `
      + "0 for a single attempt, Infinity for no limit");
  }
}

function checkedSignal(options = {}) {
  const { signal, ...others } = options;
  if (Object.keys(others).length > 0 || options instanceof AbortSignal) {
    throw new TypeError("The only option is { signal }; all locks are exclusive");
  }
  return signal;
}
