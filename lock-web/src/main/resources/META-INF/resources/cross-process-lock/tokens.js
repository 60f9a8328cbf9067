// The counter of the fencing tokens, for locks.js: a record in IndexedDB.

/** Kept open, since its end is a sign that the data of this site was cleared. */
let connection = null;
/** Which data of this site this page began with. */
let epoch = null;
let tellClosed = () => {};

/** Has the callback run when the storage is closed by somebody else. */
export function whenClosed(callback) {
  tellClosed = callback;
}

export function connect() {
  connection ??= open().catch((error) => {
    connection = null;
    throw error;
  });
  return connection;
}

async function open() {
  const opening = indexedDB.open("cross-process-lock", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("tokens").put(crypto.randomUUID(), "epoch");
  const database = await answer(opening);
  database.onclose = database.onversionchange = () => {
    database.close();
    connection = null;
    tellClosed();
  };
  const found = await answer(database.transaction("tokens").objectStore("tokens").get("epoch"));
  epoch ??= found;
  if (found !== epoch) {
    // Chromium gives the pages that are opened from then on another set of locks than this one
    database.close();
    throw new Error("the data of this site was cleared while this page was open; reload the page");
  }
  return database;
}

/** One counter for all keys, so that nothing piles up; never behind the clock, so that it goes on growing when it is gone. */
export async function nextToken() {
  const database = await connect();
  const transaction = database.transaction("tokens", "readwrite");
  const tokens = transaction.objectStore("tokens");
  const last = await answer(tokens.get("last")) ?? 0;
  const token = Math.max(last + 1, Date.now() * 1000);
  if (!Number.isSafeInteger(last) || !Number.isSafeInteger(token)) {
    throw new Error(`'${last}' is no token to go on from; clear the data of this site`);
  }
  tokens.put(token, "last");
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  return token;
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
