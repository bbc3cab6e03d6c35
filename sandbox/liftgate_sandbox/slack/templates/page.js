const { you, channel } = document.body.dataset;
const part = id => document.getElementById(id);
const shown = { at: 0, channel: null, modal: null };

async function tell(what, body) {
  const answer = await fetch(`/sandbox/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: you, ...body }),
  });
  const said = await answer.json();
  const trouble = said.trouble || said.error || "";
  part("toast").hidden = !trouble;
  part("toast").textContent = trouble && `⚠ ${trouble}`;
  await renew();
}

function replace(id, html) {
  if (html === shown[id]) return;
  shown[id] = html;
  const open = [...document.querySelectorAll("details[open]")].map(each => each.dataset.thread);
  const entered = new Map([...part("modal").querySelectorAll("[name]")].map(each => [each.name, each.value]));
  part(id).innerHTML = html;
  for (const each of document.querySelectorAll("details")) each.open = open.includes(each.dataset.thread);
  for (const each of part("modal").querySelectorAll("[name]")) each.value = entered.get(each.name) ?? each.value;
}

async function renew() {
  const answer = await fetch(`/sandbox/view?you=${you}&channel=${channel}`);
  const { at, channel: messages, modal } = await answer.json();
  if (at < shown.at) return; // a newer look was answered before this one
  shown.at = at;
  const view = part("channel");
  const atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 60;
  replace("channel", messages);
  replace("modal", modal.trim());
  if (atEnd) view.scrollTop = view.scrollHeight;
  if (modal.trim() && !part("modal").open) part("modal").showModal();
  if (!modal.trim() && part("modal").open) part("modal").close();
}

function sure({ title, html, yes, no }, danger) {
  const dialog = part("confirm");
  dialog.querySelector("h3").textContent = title;
  dialog.querySelector("p").innerHTML = html;
  const [deny, agree] = dialog.querySelectorAll("button");
  deny.textContent = no;
  agree.textContent = yes;
  agree.className = `button ${danger ? "danger" : "primary"}`;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise(done => {
    dialog.onclose = () => done(dialog.returnValue === "yes");
  });
}

document.addEventListener("click", async event => {
  const button = event.target.closest("button[data-action]");
  if (button) {
    const { ts, action, url, title } = button.dataset;
    if (title && !(await sure(button.dataset, button.classList.contains("danger")))) return;
    if (url) open(url, "_blank", "noreferrer");
    await tell("press", { ts, action_id: action });
  }
  if (event.target.closest("[data-dismiss]")) {
    await tell("dismiss", { view_id: event.target.closest("form").dataset.view });
  }
});

part("modal").addEventListener("submit", async event => {
  event.preventDefault();
  const form = event.target;
  await tell("submit", { view_id: form.dataset.view, values: Object.fromEntries(new FormData(form)) });
});
part("modal").addEventListener("cancel", event => {
  event.preventDefault();
  event.target.querySelector("[data-dismiss]").click();
});

part("channel").scrollTop = part("channel").scrollHeight;
renew();
setInterval(() => renew().catch(() => {}), 1000);
