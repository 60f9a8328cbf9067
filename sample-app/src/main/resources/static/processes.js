// What the processes say of their locks, asked at the endpoint of each.

const ANSWER_MS = 1500;

/** A process that is asked, and what it said. */
export class Process {
  constructor(address) {
    this.address = address;
    this.answer = null;
    this.lastLost = null;
    this.answeredAt = null;
    this.silentSince = null;
  }

  get isSilent() {
    return this.silentSince !== null;
  }

  get name() {
    return this.answer?.lease?.holder ?? this.address;
  }

  async ask() {
    try {
      const document = await json(`${this.address}actuator/crossprocesslocks?store=keys`);
      this.lastLost = await json(`${this.address}last-lost-lock`);
      this.answer = Object.values(document.lockManagers)[0] ?? null;
      this.answeredAt = performance.now();
      this.silentSince = null;
    } catch {
      this.silentSince ??= performance.now();
    }
  }
}

/** This process, and those whose ports the address of the page names. */
export function processes() {
  const ports = (new URLSearchParams(location.search).get("processes") ?? "").match(/\d{2,5}/g) ?? [];
  const others = ports.filter((port) => port !== location.port);
  return [new Process(new URL(".", location).href),
    ...others.map((port) => new Process(`http://${location.hostname}:${port}/`))];
}

async function json(address) {
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (response.status === 204) {
    return null;
  }
  if (!response.ok) {
    throw new Error(`${address} answers ${response.status}`);
  }
  return response.json();
}

/** The seconds of an ISO duration. */
export function seconds(duration) {
  const parts = /^-?PT(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?$/.exec(duration ?? "");
  return parts === null ? null : Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0);
}
