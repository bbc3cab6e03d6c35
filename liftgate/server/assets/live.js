// Refreshes the page every few seconds, except while a person types or chooses, and never puts another gate under a
// button; the page works without it.
"use strict";
const localise = (root) => {
  for (const each of root.querySelectorAll("time")) {
    const when = new Date(each.dateTime);
    each.title = when.toISOString();
    const day = each.classList.contains("clock") ? {} : { day: "2-digit", month: "short" };
    each.textContent = when.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  }
};
const isWriting = () => [...document.querySelectorAll("#live input:not([type=hidden]), #live select")].some((field) => field.value || field === document.activeElement);
let shown = document.getElementById("live").innerHTML;
const gateOf = (root) => root.querySelector("[data-gate]")?.dataset.gate;
// A person with a keyboard stays where they are: at the same link or button, or else at the content's beginning.
const stops = (root) => [...root.querySelectorAll("a, button, input, select")];
const isSame = (one, other) => ["tagName", "id", "name", "value", "href"].every((each) => one[each] === other[each]);
const replace = (live, fresh) => {
  const active = document.activeElement;
  const place = stops(live).filter((each) => isSame(each, active)).indexOf(active);
  const isSeen = active.matches(":focus-visible");
  live.replaceChildren(...fresh.childNodes);
  if (place < 0) return;
  const again = stops(live).filter((each) => isSame(each, active));
  (again[place] || again.at(-1) || live).focus({ preventScroll: true, focusVisible: isSeen });
};
// A person decides on what they see: what changed is said, the buttons wait for them to look again.
const holdButtons = () => {
  document.getElementById("changed").hidden = false;
  for (const button of document.querySelectorAll("[data-gate] button")) button.disabled = true;
};
const look = async () => {
  if (document.hidden || isWriting() || location.pathname.startsWith("/sign-in") || document.querySelector("[role=status]")) return;
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(20_000), headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!fresh || fresh.innerHTML === shown || isWriting()) return;
    if (document.querySelector("[data-gate] button") && gateOf(document) !== gateOf(fresh)) return holdButtons();
    shown = fresh.innerHTML;
    localise(fresh);
    replace(document.getElementById("live"), fresh);
  } catch { /* the Liftgate server does not answer now */ }
};
// One request at a time, so that a late answer never replaces a newer one.
const keepLooking = async () => {
  await look();
  setTimeout(keepLooking, 2500);
};
localise(document);
setTimeout(keepLooking, 2500);
