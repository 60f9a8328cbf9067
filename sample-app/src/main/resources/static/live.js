// One visible tab asks the server and tells the others.

import { leader, LocksUnavailableError } from "./cross-process-lock/locks.js";

const INTERVAL_MS = 1000;
const ALARMS = ["gaps", "duplicates", "invoicedAgain"];

const news = new BroadcastChannel("live-report");
const element = (id) => document.getElementById(id);

let standing = new AbortController();

// the timers of hidden tabs are slow, and nobody looks at them: they leave it to a tab that is seen
function standWhileVisible() {
  standing.abort();
  if (!document.hidden) {
    standing = new AbortController();
    stand(standing.signal);
  }
}

async function stand(signal) {
  while (!signal.aborted) {
    showRole("Another tab asks the server and tells this one", false);
    try {
      const guard = await leader("live-report", { signal });
      showRole("This tab asks the server and tells the others", true);
      await ask(() => guard.isHeld() && !signal.aborted);
      // a tab that was frozen has lost its guard and stands again
      if (guard.isHeld()) {
        guard.close();
      }
    } catch (error) {
      if (error instanceof LocksUnavailableError) {
        showRole(`Every tab asks the server for itself. ${error.message}`, false);
        await ask(() => !signal.aborted);
      } else if (!signal.aborted) {
        showRole(error.message, false);
        await pause();
      }
    }
  }
}

async function ask(goesOn) {
  while (goesOn()) {
    const message = await report();
    if (goesOn()) {
      news.postMessage(message);
      show(message);
    }
    await pause();
  }
}

async function report() {
  try {
    const response = await fetch("report", { signal: AbortSignal.timeout(5000) });
    return response.ok ? { report: await response.json() } : { problem: `The server answers ${response.status}` };
  } catch {
    return { problem: "The server does not answer" };
  }
}

function pause() {
  return new Promise((settle) => setTimeout(settle, INTERVAL_MS));
}

function showRole(text, leads) {
  element("role").textContent = text;
  element("role").classList.toggle("leads", leads);
}

function show({ report, problem }) {
  element("heard").textContent = problem ?? `As of ${new Date().toLocaleTimeString()}`;
  element("heard").classList.toggle("alarm", problem !== undefined);
  if (report !== undefined) {
    for (const figure of document.querySelectorAll("[data-figure]")) {
      const name = figure.dataset.figure;
      figure.textContent = report[name].toLocaleString();
      figure.classList.toggle("alarm", ALARMS.includes(name) && report[name] > 0);
    }
    const numbered = report.orders - report.pending;
    element("progress").max = Math.max(report.orders, 1);
    element("progress").value = numbered;
    element("progress-text").textContent = `${numbered.toLocaleString()} of ${report.orders.toLocaleString()}`;
  }
}

async function place(event) {
  event.preventDefault();
  const order = {
    reference: `WEB-${crypto.randomUUID?.() ?? Date.now()}`,
    customer: "You",
    orderedOn: new Date().toISOString().slice(0, 10),
    item: element("item").value,
    quantity: 1,
    amount: 49.9,
  };
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("orders", { method: "POST", headers, body: JSON.stringify(order) }).catch(() => null);
  element("placed").textContent = response?.ok ? `${order.reference} is placed`
    : `Not placed: ${response === null ? "the server does not answer" : `the server answers ${response.status}`}`;
}

element("order").addEventListener("submit", place);
news.addEventListener("message", ({ data }) => show(data));
document.addEventListener("visibilitychange", standWhileVisible);
standWhileVisible();
