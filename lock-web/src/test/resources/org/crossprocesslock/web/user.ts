// What a user of the declarations may write, and what the compiler must refuse.
import { leader, listLocks, lock, LockError, LockLostError, LockStoreError, LocksUnavailableError, LockTimeoutError, tryLock,
  withLock } from "./locks.js";
import type { LockEntry, LockGuard, LockOptions } from "./locks.js";

export async function allowed(signal: AbortSignal): Promise<void> {
  const options: LockOptions = { signal };
  const tried: LockGuard | null = await tryLock("key");
  tried?.close();
  using guard = await lock("key", 5000, options);
  const token: number = guard.fencingToken;
  const key: string = guard.key;
  const isHeld: boolean = guard.isHeld();
  guard.checkHeld();
  guard.onLost((error: LockLostError) => console.warn(error.key, error.fencingToken, token, key, isHeld));
  const length: number = await withLock("key", Infinity, (held) => held.key.length, { signal: undefined });
  const text: string = await withLock("key", length, async () => "text");
  const entry: LockEntry | undefined = (await listLocks()).held[0];
  const leading: LockGuard = await leader(text, { signal });
  leading.onLost(() => console.warn(entry?.holder));
  try {
    await lock("key", 0);
  } catch (error) {
    if (error instanceof LockTimeoutError) {
      console.warn(error.waited.toFixed(), error.key);
    } else if (error instanceof LockStoreError) {
      console.warn(error.key, error.cause);
    } else if (error instanceof LocksUnavailableError || error instanceof LockError) {
      console.warn(error.message);
    }
  }
}

export async function refused(guard: LockGuard): Promise<void> {
  // @ts-expect-error the wait time is mandatory
  await lock("key");
  // @ts-expect-error a number of milliseconds
  await lock("key", "5s");
  // @ts-expect-error no such option
  await lock("key", 5, { steal: true });
  // @ts-expect-error no such mode
  await lock("key", 5, { mode: "shared" });
  // @ts-expect-error the signal is an option
  await tryLock("key", new AbortController().signal.aborted);
  // @ts-expect-error busy is null
  (await tryLock("key")).close();
  // @ts-expect-error a guard says what is, and nobody else
  guard.fencingToken = 1;
  // @ts-expect-error only the module makes these
  throw new LockTimeoutError("key", 5);
}
