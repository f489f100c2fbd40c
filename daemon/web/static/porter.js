// Keeps a page true while it is looked at. Every part with `data-live` and an id is taken anew from this very
// address when the porter says that something has changed; forms, focus and what is folded out stay as they are.
"use strict";

const CALM = 1000; // milliseconds between two looks at the least
const ALONE = 30000; // milliseconds between two looks of a page that nobody tells anything

let due = null;
let busy = false;
let stream = null;
let alone = null;

function folded(part) {
  return new Map(Array.from(part.querySelectorAll("details[id]"), (one) => [one.id, one.open]));
}

function replace(old, fresh) {
  if (old.isEqualNode(fresh) || old.contains(document.activeElement) && old.querySelector(":focus:is(input, textarea, select)")) {
    return;
  }
  const folds = folded(old);
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceChildren(...fresh.childNodes);
  for (const one of old.querySelectorAll("details[id]")) {
    one.open = folds.get(one.id) ?? one.open;
  }
  if (focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

async function look() {
  due = null;
  if (document.hidden || busy) {
    return;
  }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      location.reload(); // The session has ended: what stands here is not how it is, so it may not stay.
      return;
    }
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = page.title;
      for (const old of document.querySelectorAll("[data-live][id]")) {
        const fresh = page.getElementById(old.id);
        if (fresh !== null) {
          replace(old, document.adoptNode(fresh));
        }
      }
    }
  } catch {
    // The porter is away: the page stays as it was, and the stream says when to look again.
  } finally {
    busy = false;
  }
}

function soon() {
  due ??= setTimeout(look, CALM);
}

// A browser opens six connections to one host: pages that nobody sees give theirs back.
function listen() {
  if (document.hidden || stream !== null) {
    return;
  }
  stream = new EventSource("/events");
  stream.addEventListener("open", () => {
    clearInterval(alone);
    alone = null;
  });
  stream.addEventListener("changed", soon);
  stream.addEventListener("beat", soon);
  stream.addEventListener("error", () => {
    if (stream?.readyState === EventSource.CLOSED) {
      stream = null;
      soon();
      alone ??= setInterval(soon, ALONE);
    }
  });
}

function hush() {
  stream?.close();
  stream = null;
}

function seen() {
  if (document.hidden) {
    hush();
  } else {
    listen();
    soon();
  }
}

listen();
document.addEventListener("visibilitychange", seen);
addEventListener("pagehide", hush);
addEventListener("pageshow", (shown) => shown.persisted && seen());
