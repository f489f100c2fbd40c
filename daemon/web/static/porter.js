// Keeps a page true while it is looked at. Every part with `data-live` and an id is taken anew from this very
// address when the porter says that something has changed. Only what differs is touched: forms, focus, marked
// text, what is scrolled to and what is folded out stay as they are.
"use strict";

const CALM = 1000; // milliseconds between two looks at the least; more where an answer takes long
const ALONE = 30000; // milliseconds without a word after which a page looks by itself
const PATIENCE = 10000; // milliseconds that an answer may take
const OLD = 20000; // milliseconds after which it is said that what stands here may not hold any more

let due = null;
let busy = false;
let again = false;
let stream = null;
let seen = Date.now();
let pause = CALM;

const voice = document.createElement("p");
voice.className = "unseen";
voice.setAttribute("role", "status");
document.body.append(voice);

// What tells an element from those beside it: the first thing in it that has a name or leads somewhere.
function key(node) {
  const named = node.matches("[id], a[href]") ? node : node.querySelector("[id], a[href]");
  return `${node.nodeName} ${named?.id || named?.getAttribute("href") || ""}`;
}

// Return the node that a fresh one is the new face of: of those from `place` on, for none is ever moved.
function counterpart(place, fresh) {
  if (fresh.nodeType !== Node.ELEMENT_NODE) {
    return place?.nodeType === fresh.nodeType ? place : null;
  }
  const wanted = key(fresh);
  for (let one = place; one !== null; one = one.nextSibling) {
    if (one.nodeType === Node.ELEMENT_NODE && key(one) === wanted) {
      return one;
    }
  }
  return null;
}

function blend(old, fresh) {
  if (old.isEqualNode(fresh)) {
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of Array.from(old.attributes)) {
    if (!fresh.hasAttribute(name) && !(name === "open" && old.id)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !(name === "open" && old.id)) {
      old.setAttribute(name, value);
    }
  }
  blendChildren(old, fresh);
}

function blendChildren(old, fresh) {
  let place = old.firstChild;
  for (const one of Array.from(fresh.childNodes)) {
    const known = counterpart(place, one);
    if (known === null) {
      old.insertBefore(document.adoptNode(one), place);
      continue;
    }
    while (place !== known) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    place = known.nextSibling;
    blend(known, one);
  }
  while (place !== null) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

// A page that looks well because nobody answers would be worse than none.
function warn(words) {
  let sign = document.getElementById("away");
  if (words === "" || Date.now() - seen < OLD) {
    if (words === "") {
      sign?.remove();
    }
    return;
  }
  if (sign === null) {
    sign = document.createElement("p");
    sign.id = "away";
    sign.className = "incident critical";
    sign.setAttribute("role", "alert");
    document.getElementById("main").prepend(sign);
  }
  const text = `✕ ${words}. What stands here is from ${document.getElementById("now").textContent}.`;
  if (sign.textContent !== text) {
    sign.textContent = text;
  }
}

function verdict() {
  return document.querySelector("h1.verdict > span:not(.mark)")?.textContent ?? "";
}

function take(page) {
  const before = verdict();
  document.title = page.title;
  for (const old of document.querySelectorAll("[data-live][id]")) {
    const fresh = page.getElementById(old.id);
    if (fresh !== null) {
      blend(old, fresh);
    }
  }
  if (verdict() !== before) {
    voice.textContent = verdict();
  }
}

async function look() {
  due = null;
  if (document.hidden) {
    return;
  }
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  const began = performance.now();
  pause = CALM;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual", signal });
    if (answer.type === "opaqueredirect") {
      location.reload(); // The session has ended: what stands here is not how it is, so it may not stay.
      return;
    }
    if (answer.ok) {
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      seen = Date.now();
      pause = Math.min(ALONE, Math.max(CALM, 9 * (performance.now() - began))); // A tenth of the porter's time.
      warn("");
    } else {
      warn("Night Porter cannot show this anew");
    }
  } catch {
    warn("Night Porter does not answer");
  } finally {
    busy = false;
    if (again) {
      again = false;
      soon();
    }
  }
}

function soon() {
  due ??= setTimeout(look, pause);
}

function listen(tell) {
  const told = () => {
    soon();
    tell();
  };
  stream = new EventSource("/events");
  stream.addEventListener("changed", told);
  stream.addEventListener("beat", told);
  stream.addEventListener("error", () => {
    told();
    if (stream?.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(() => stream === null && listen(tell), ALONE);
    }
  });
}

// A browser opens six connections to a host at the most, so one page listens for all of its pages. Where they
// may not agree on which, over plain HTTP from elsewhere, each listens for itself while it can be seen.
if (navigator.locks) {
  const others = new BroadcastChannel("porter");
  others.addEventListener("message", soon);
  navigator.locks.request("porter", () => new Promise(() => listen(() => others.postMessage("look"))));
} else {
  document.hidden || listen(() => {});
  document.addEventListener("visibilitychange", () => {
    stream?.close();
    stream = null;
    document.hidden || listen(() => {});
  });
}

document.addEventListener("visibilitychange", () => document.hidden || soon());
addEventListener("pageshow", (event) => event.persisted && soon());
setInterval(() => document.hidden || Date.now() - seen < ALONE || soon(), CALM * 10);
