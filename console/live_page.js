// The live page goes on from the state that it was loaded with, and switches what may be switched. What comes from outside becomes text, never markup.
"use strict";

const mostRows = 50;       // as many as the page was loaded with
const refreshEvery = 2000; // ms, for all but the attempts, which come by themselves
const drawEvery = 200;     // ms, however quickly attempts come
const mostShown = 120;     // characters of a text that others have chosen

const byId = (id) => document.getElementById(id);

// Words for values, as in the page that was loaded.
const clock = (time) => new Date(time).toLocaleTimeString("en-GB");
const good = (yes) => (yes ? "good" : "bad");
const milliseconds = (ms) => (ms === null ? "" : `${ms.toFixed(3)} ms`);
const short = (text) => {
  const characters = Array.from(text);
  return characters.length <= mostShown ? text : characters.slice(0, mostShown).join("") + "…";
};
const join = (names) => short(names.join(", "));
const saw = (a) => `${a.outcome} ${a.end === "complete" && a.answer ? a.answer.status : a.end}`;
const counts = (byOutcome) =>
  ["acknowledged", "rejected", "broken", "unanswered", "aborted"].filter((o) => byOutcome[o] > 0).map((o) => `${byOutcome[o]} ${o}`).join(", ");
const phaseText = (p) => {
  if (p.phases.length === 0) return "there are none";
  return p.phase === "" || !p.since ? "none is on" : `${short(p.phase)} since ${clock(p.since)}`;
};
const flightText = (inFlight) => {
  const all = Object.values(inFlight).reduce((sum, n) => sum + n, 0);
  return inFlight.held > 0 ? `${all}, ${inFlight.held} of them held` : String(all);
};
const logText = (log) => `${log.records} records${log.lost > 0 ? `, ${log.lost} lost` : ""}${log.error ? `: ${log.error}` : ""}`;
const reachText = (m) => {
  if (!m.from) return "No attempt yet.";
  const from = new Date(m.from).toLocaleString("sv-SE");
  return `This page knows the last ${m.attempts} attempts, from ${from} on${m.forgotten > 0 ? `; ${m.forgotten} before them are in the log alone` : ""}.`;
};

function write(element, text, kind) {
  if (element.textContent !== text) element.textContent = text;
  if (kind !== undefined) element.className = kind;
}

const say = (text, kind = "said") => write(byId("said"), text, kind);

// A cell is [text, class, what it is where there is no head over it].
const attemptCells = (a) => [
  [clock(a.start), "code whole"], [short(a.key), "code"], [String(a.attempt), "n", "no."], [short(a.method), "code"], [short(a.endpoint), "code wide"],
  [saw(a), `whole ${good(a.outcome === "acknowledged")}`], [join(a.rules), ""], [milliseconds(a.ms.total), "n"],
];
const endpointCells = (e) => [
  [short(e.endpoint), "code wide"], [`${(100 * e.success_rate).toFixed(1)} %`, `n ${good(e.success_rate === 1)}`, "success"],
  [String(e.deliveries), "n", "deliveries"], [String(e.attempts), "n", "attempts"], [counts(e.by_outcome), ""],
  [milliseconds(e.p50_ms), "n", "p50"], [milliseconds(e.p99_ms), "n", "p99"], [String(e.duplicates), "n", "twice"],
];
const ruleCells = (r) => [[short(r.name), ""], [join(r.faults), "code"], [String(r.matched), "n", "matched"], [String(r.fired), "n", "fired"]];

function fill(row, cells) {
  cells.forEach(([text, kind, is], i) => {
    const cell = row.cells[i] ?? row.insertCell();
    write(cell, text, kind);
    if (is) cell.dataset.is = is;
  });
}

const childrenOf = new WeakMap(); // of an element: its children, by key

// sync lets an element have a child for each item, by its key: a child stays the same as long as its item is there, so that it keeps the focus.
function sync(parent, items, key, make, update) {
  const before = childrenOf.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const child = before.get(key(item)) ?? make(item);
    update(child, item);
    after.set(key(item), child);
  }
  childrenOf.set(parent, after);
  const children = [...after.values()];
  const same = children.length === parent.children.length && children.every((child, i) => parent.children[i] === child);
  if (!same) parent.replaceChildren(...children);
}

const newRow = () => document.createElement("tr");

function newButton(click) {
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", click);
  return button;
}

function newRule({ name }) {
  const row = newRow();
  fill(row, [["", ""], ["", ""], ["", ""], ["", ""]]);
  const button = newButton(() => change("PATCH", `/api/v1/rules/${encodeURIComponent(name)}`, { enabled: button.ariaChecked !== "true" }));
  button.setAttribute("role", "switch");
  button.ariaLabel = `rule ${name}`;
  row.insertCell().append(button);
  return row;
}

function drawRule(row, rule) {
  fill(row, ruleCells(rule));
  const button = row.cells[4].firstChild;
  write(button, rule.enabled ? "on" : "off");
  button.ariaChecked = String(rule.enabled);
}

function newPhase(name) {
  const button = newButton(() => change("POST", "/api/v1/phase", { phase: name }));
  write(button, short(name));
  return button;
}

let faultsOn = true;

function drawOverview(o) {
  write(byId("scenario"), o.scenario.name || "none: nothing is injected");
  write(byId("hash"), o.scenario.hash);
  write(byId("seed"), o.scenario.seed);
  write(byId("phase"), phaseText(o.phase));
  write(byId("faults"), o.faults.enabled ? "on" : "off: plain forwarding", good(o.faults.enabled));
  write(byId("flight"), flightText(o.in_flight));
  write(byId("log"), logText(o.log), o.log.lost > 0 || o.log.error ? "bad" : "");
  faultsOn = o.faults.enabled;
  write(byId("kill"), faultsOn ? "turn all faults off" : "turn faults on again");
  byId("phaseword").hidden = o.phase.phases.length === 0;
  byId("switches").hidden = false;
  sync(byId("phases"), o.phase.phases, (name) => name, newPhase, (button, name) => {
    button.ariaPressed = String(name === o.phase.phase);
  });
  sync(byId("rules"), o.rules, (rule) => rule.name, newRule, drawRule);
  write(byId("reach"), reachText(o.memory));
}

async function get(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

let refreshing; // the timer of the next time
let reached = true;

async function refresh() {
  try {
    const [now, worst] = await Promise.all([get("/api/v1/overview"), get(`/api/v1/endpoints?limit=${mostRows}`)]);
    drawOverview(now);
    sync(byId("endpoints"), worst.endpoints, (e) => e.endpoint, newRow, (row, e) => fill(row, endpointCells(e)));
    if (!reached) sayState();
    reached = true;
  } catch {
    reached = false;
    say("faultline cannot be reached", "said bad");
  }
  clearTimeout(refreshing);
  if (!document.hidden) refreshing = setTimeout(refresh, refreshEvery);
}

let token = ""; // of --admin-token-file; nowhere but here

// change asks for something to be changed, and for the token where that is wanted.
async function change(method, path, body) {
  const headers = {};
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    if (answer.status === 401) {
      token = await askToken(token ? "That is not the token of --admin-token-file." : "Who changes something here must know the token of --admin-token-file.");
      return token ? change(method, path, body) : undefined;
    }
    if (answer.ok) sayState();
    else say(`not changed: ${(await answer.json()).detail}`, "said bad");
  } catch (error) {
    token = ""; // one that cannot stand in a header is none
    say(`not changed: ${error.message}`, "said bad");
  }
  return refresh();
}

function askToken(why) {
  const dialog = byId("asking");
  write(byId("why"), why);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const given = byId("token").value.trim();
      byId("token").value = "";
      resolve(dialog.returnValue === "yes" ? given : "");
    }, { once: true });
  });
}

let attempts = []; // the last first
let lost = 0;
let drawing; // the timer of the next time
let still = false;

function drawAttempts() {
  drawing = undefined;
  if (still) return;
  sync(byId("attempts"), attempts, (a) => a.id, newRow, (row, a) => fill(row, attemptCells(a)));
  write(byId("lost"), lost > 0 ? `${lost} came too quickly for this page` : "");
}

function attemptsChanged(now) {
  attempts = now.slice(0, mostRows);
  drawing ??= setTimeout(drawAttempts, drawEvery);
}

let source; // of events; undefined while nobody looks

function sayState() {
  if (source?.readyState === EventSource.OPEN) say("live");
  else say("no events from faultline, trying again", "said bad");
}

function listen() {
  source?.close();
  source = new EventSource("/api/v1/events");
  source.addEventListener("open", catchUp);
  source.addEventListener("message", (event) => {
    const a = JSON.parse(event.data);
    attemptsChanged([a, ...attempts.filter((other) => other.id !== a.id)]);
  });
  source.addEventListener("amend", (event) => {
    const { id, outcome, end, ended_by } = JSON.parse(event.data);
    attemptsChanged(attempts.map((a) => (a.id === id ? { ...a, outcome, end, ended_by } : a)));
  });
  source.addEventListener("lost", (event) => {
    lost += JSON.parse(event.data).events ?? 0;
  });
  source.addEventListener("error", () => {
    sayState();
    if (source?.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || listen(), 5000); // it was refused
  });
}

// catchUp shows what was recorded before the events began: those that have come meanwhile stay on top.
async function catchUp() {
  attempts = [];
  sayState();
  const before = await get(`/api/v1/attempts?limit=${mostRows}`).then((page) => page.attempts, () => []);
  const known = new Set(before.map((a) => a.id));
  attemptsChanged([...attempts.filter((a) => !known.has(a.id)), ...before]);
}

byId("kill")?.addEventListener("click", () => change(faultsOn ? "DELETE" : "POST", "/api/v1/faults"));
byId("pause").addEventListener("click", () => {
  still = !still;
  byId("pause").ariaPressed = String(still);
  drawAttempts();
});
// A browser has few connections to one server: who does not look gives his up.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    source = undefined;
    return;
  }
  listen();
  refresh();
});

if (byId("switches")) {
  byId("pause").hidden = false;
  listen();
  refresh();
}
