// Which process has which lock, live.

import { keys, News } from "./keys.js";
import { processes, seconds } from "./processes.js";

const INTERVAL_MS = 500;
const MOST_NEWS = 50;

const element = (id) => document.getElementById(id);
const all = processes();
const news = new News(tell);

async function watch() {
  for (;;) {
    if (!document.hidden) {
      await Promise.all(all.map((process) => process.ask()));
      show();
    }
    await new Promise((settle) => setTimeout(settle, INTERVAL_MS));
  }
}

function show() {
  const found = keys(all);
  news.look(all, found);
  const answering = all.filter((process) => !process.isSilent).length;
  element("heard").textContent = `${answering} of ${all.length} ${all.length === 1 ? "process answers" : "processes answer"}`;
  element("heard").classList.toggle("alarm", answering === 0);
  fill("keys", found.map(row), "Nobody has a lock");
  fill("processes", [...all.map(card), ...strangers(found).map(strangerCard)], "");
  showLost();
}

// keyed, so that what has the focus keeps it and a screen reader hears only what changed
function fill(id, wanted, ifNone) {
  const parent = element(id);
  const rows = wanted.length > 0 || ifNone === "" ? wanted : [{ id: "none", tag: "tr", cells: [["", ifNone]] }];
  const present = new Map([...parent.children].map((child) => [child.dataset.id, child]));
  const children = rows.map((one) => update(present.get(one.id) ?? create(one), one));
  children.forEach((child, index) => {
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] ?? null);
    }
  });
  while (parent.children.length > children.length) {
    parent.lastChild.remove();
  }
  [...parent.childNodes].filter((node) => node.nodeType !== Node.ELEMENT_NODE).forEach((node) => node.remove());
}

function create(one) {
  const made = document.createElement(one.tag);
  made.dataset.id = one.id;
  return made;
}

function update(child, one) {
  child.className = one.style ?? "";
  if (one.tag === "tr") {
    texts(child, "td", one.cells.map(([label, text]) => ({ text, label })));
  } else {
    texts(child, "p", one.lines.map((text) => ({ text })), one.title);
    meter(child, one.left);
  }
  return child;
}

function texts(parent, tag, wanted, title) {
  if (title !== undefined) {
    const heading = parent.querySelector("h3") ?? parent.insertBefore(document.createElement("h3"), parent.firstChild);
    set(heading, title);
  }
  const present = [...parent.querySelectorAll(tag)];
  wanted.forEach(({ text, label }, index) => {
    const cell = present[index] ?? parent.appendChild(document.createElement(tag));
    set(cell, text);
    if (label) {
      cell.dataset.label = label;
    }
  });
  present.slice(wanted.length).forEach((cell) => cell.remove());
}

function meter(parent, left) {
  const bar = parent.querySelector("meter") ?? parent.insertBefore(document.createElement("meter"), parent.children[1] ?? null);
  Object.assign(bar, { min: 0, low: 0.34, optimum: 1, max: 1, value: left });
  bar.setAttribute("aria-label", "What is left of the lease");
}

function set(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

function row(key) {
  const waiting = key.waiting.map((one) => `${one.process}${one.requests > 1 ? ` (${one.requests} requests)` : ""}, ${one.longest.toFixed(1)} s`);
  return { id: key.name, tag: "tr", cells: [["Key", key.name], ["Held by", key.holder ?? "nobody"],
    ["For", key.heldFor ? `${seconds(key.heldFor).toFixed(1)} s` : "–"],
    ["Who waits", waiting.join("; ") || "nobody"], ["Fencing token", key.token === null ? "–" : String(key.token)]] };
}

function card(process) {
  const { answer } = process;
  const id = process.address;
  if (answer === null) {
    return { id, tag: "li", style: "silent quiet", title: process.address, left: 0, lines: ["Has not answered yet"] };
  }
  const lease = answer.lease;
  const sinceAnswer = (performance.now() - process.answeredAt) / 1000;
  const renewed = seconds(lease?.renewedAgo) + (process.isSilent ? sinceAnswer : 0);
  const left = lease ? Math.max(0, 1 - renewed / seconds(lease.duration)) : 1;
  const lines = process.isSilent
    ? [`Silent for ${((performance.now() - process.silentSince) / 1000).toFixed(1)} s`,
      left > 0 ? `Its lease runs for ${(left * seconds(lease.duration)).toFixed(1)} s more` : "Its lease has run out"]
    : [lease ? `Heartbeat ${renewed.toFixed(1)} s ago, lease of ${seconds(lease.duration)} s ${answer.status?.toLowerCase() ?? "of a kind that tells nothing"}`
      : `Locks without a lease, ${answer.status?.toLowerCase()}`,
    `Holds ${(answer.held ?? []).map((held) => held.key).join(", ") || "nothing"}`,
    `Waits for ${(answer.waiting ?? []).map((waited) => waited.key).join(", ") || "nothing"}`];
  return { id, tag: "li", style: process.isSilent ? "silent" : "", title: process.name, left, lines };
}

// holders that the store knows and this page does not ask
function strangers(found) {
  const known = new Set(all.map((process) => process.name));
  return found.filter((key) => key.holder !== null && !known.has(key.holder));
}

function strangerCard(key) {
  const left = seconds(key.remaining);
  return { id: `stranger ${key.holder}`, tag: "li", style: left ? "stranger" : "stranger silent", title: key.holder,
    left: left ? Math.min(1, left / 10) : 0,
    lines: [left ? `Lease runs for ${left.toFixed(1)} s more, says the database` : "Its lease has run out, says the database",
      `Holds ${key.name}`] };
}

function showLost() {
  const lost = all.filter((process) => process.lastLost !== null)
    .sort((one, other) => other.lastLost.at.localeCompare(one.lastLost.at))[0];
  if (lost) {
    const { key, token, at, reason } = lost.lastLost;
    set(element("lost"), `${key}, token ${token}, by ${lost.name} at ${new Date(at).toLocaleTimeString()}: ${reason}`);
  }
}

function tell(text) {
  const item = document.createElement("li");
  item.textContent = `${new Date().toLocaleTimeString()} ${text}`;
  element("news").prepend(item);
  if (element("news").children.length > MOST_NEWS) {
    element("news").lastChild.remove();
  }
}

watch();
