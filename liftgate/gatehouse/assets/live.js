// Shows what changed every few seconds, unless somebody is writing; without this the page is the same, only still.
"use strict";
const localise = (root) => {
  for (const each of root.querySelectorAll("time")) {
    const when = new Date(each.dateTime);
    each.title = when.toISOString();
    const day = each.classList.contains("clock") ? {} : { day: "2-digit", month: "short" };
    each.textContent = when.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  }
};
const isWriting = () => [...document.querySelectorAll("#live input:not([type=hidden])")].some((field) => field.value || field === document.activeElement);
let shown = document.getElementById("live").innerHTML;
const look = async () => {
  if (document.hidden || isWriting() || location.pathname === "/sign-in" || document.querySelector("[role=status]")) return;
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(20_000), headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!fresh || fresh.innerHTML === shown || isWriting()) return;
    shown = fresh.innerHTML;
    localise(fresh);
    document.getElementById("live").replaceChildren(...fresh.childNodes);
  } catch { /* the gatehouse is away for a moment */ }
};
// One look at a time, so that no late answer shows what is no longer so.
const keepLooking = async () => {
  await look();
  setTimeout(keepLooking, 2500);
};
localise(document);
setTimeout(keepLooking, 2500);
