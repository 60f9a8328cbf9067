// Who has which key: what the store says, and what the processes add to it.

import { seconds } from "./processes.js";

/** The keys that anybody holds or waits for, by name. */
export function keys(processes) {
  const byName = new Map();
  const of = (name) => {
    if (!byName.has(name)) {
      byName.set(name, { name, holder: null, token: null, remaining: null, heldFor: null, waiting: [] });
    }
    return byName.get(name);
  };
  const answering = processes.filter((process) => !process.isSilent && process.answer !== null);
  const store = newest(answering)?.store;
  for (const row of store?.keys ?? []) {
    Object.assign(of(row.key), { token: row.token });
    if (row.holder) {
      Object.assign(of(row.key), { holder: row.holder.name ?? "a process that is gone", remaining: row.holder.remaining });
    }
  }
  for (const process of answering) {
    for (const held of process.answer.held ?? []) {
      const key = of(held.key);
      if (key.token === null || held.token >= key.token) {
        Object.assign(key, { holder: process.name, token: held.token, heldFor: held.heldFor, state: held.state });
      }
    }
    for (const waited of process.answer.waiting ?? []) {
      of(waited.key).waiting.push({ process: process.name, longest: seconds(waited.longestWait), requests: waited.requests });
    }
  }
  return [...byName.values()].sort((one, other) => one.name.localeCompare(other.name));
}

function newest(answering) {
  return answering.map((process) => process.answer).filter((answer) => answer.store?.clock)
    .sort((one, other) => other.store.clock.localeCompare(one.store.clock))[0];
}

/** Tells what is worth telling of the change from one look to the next. */
export class News {
  constructor(tell) {
    this.tell = tell;
    this.known = new Map();
    this.holders = new Map();
    this.silent = new Map();
    this.lost = new Map();
  }

  look(processes, keys) {
    for (const process of processes) {
      this.lookAtProcess(process);
    }
    for (const key of keys) {
      const before = this.holders.get(key.name);
      if (key.holder !== null && before !== undefined && before !== key.holder && this.silent.has(before)) {
        const since = (performance.now() - this.silent.get(before)) / 1000;
        this.tell(`${key.holder} has taken over ${key.name}, ${since.toFixed(1)} s after ${before} fell silent, with token ${key.token}`);
        this.silent.delete(before);
      }
      if (key.holder !== null) {
        this.holders.set(key.name, key.holder);
      }
    }
  }

  lookAtProcess(process) {
    const address = process.address;
    const known = this.known.get(address);
    if (process.isSilent && known !== undefined && !known.silent) {
      this.silent.set(known.name, process.silentSince);
      this.tell(`${known.name} does not answer any more`);
    }
    if (!process.isSilent && known?.silent) {
      this.tell(known.name === process.name ? `${process.name} answers again` : `${process.name} has started`);
    }
    const lost = process.lastLost;
    if (lost !== null && this.lost.get(address) !== lost.token) {
      this.lost.set(address, lost.token);
      this.tell(`${process.name} has lost ${lost.key}, token ${lost.token}: ${lost.reason}`);
    }
    if (!process.isSilent || known !== undefined) {
      this.known.set(address, { silent: process.isSilent, name: process.isSilent ? known.name : process.name });
    }
  }
}
