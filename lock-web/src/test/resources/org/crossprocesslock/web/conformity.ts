// The module has what its declarations say, and nothing else.
import * as declared from "./locks.js";
import * as module from "./module/locks.js";

type Same<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : never) : never;

export const names: Same<typeof declared, typeof module> = true;
export const tryLock: typeof declared.tryLock = module.tryLock;
export const lock: typeof declared.lock = module.lock;
export const withLock: typeof declared.withLock = module.withLock;
export const leader: typeof declared.leader = module.leader;
export const listLocks: typeof declared.listLocks = module.listLocks;
