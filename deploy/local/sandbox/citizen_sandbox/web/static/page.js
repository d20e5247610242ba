// Keeps the three lists live: the server says that something changed, the page fetches its messages
// and puts in what is new. Without this script the forms still work, by reloading.
"use strict";

const { messages, events } = document.body.dataset;
const status = document.getElementById("status");

function say(text) { status.textContent = text; }

function isNew(old, item) { return !old || old.dataset.version !== item.dataset.version; }

function keepTyped(old, item) {  // what is being typed stays, too
  for (const field of old?.querySelectorAll("textarea") ?? []) {
    const same = item.querySelector(`textarea[name="${field.name}"]`);
    if (same && field.value !== field.defaultValue) same.value = field.value;
  }
}

function place(list, item, position) {
  let shown = document.getElementById(item.id);
  if (isNew(shown, item)) {
    const wasOpen = shown?.querySelector("details")?.open;  // what is being read stays open
    keepTyped(shown, item);
    shown?.remove();
    shown = item;
    if (wasOpen) shown.querySelector("details").open = true;
  }
  if (list.children[position] !== shown) list.insertBefore(shown, list.children[position] ?? null);
}

function update(list, fresh) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const items = [...fresh.children];
  items.forEach((item, position) => place(list, item, position));
  while (list.children.length > items.length) list.lastElementChild.remove();
  if (atEnd && list.classList.contains("talk")) list.scrollTop = list.scrollHeight;
}

let asked = 0;
async function refresh() {
  const mine = ++asked;
  const answer = await fetch(messages);
  const text = await answer.text();
  if (!answer.ok || mine !== asked) return;  // one that was asked for later may have come before
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const list of document.querySelectorAll("[data-list]")) update(list, page.getElementById(list.id));
}

let due;
function refreshSoon() { clearTimeout(due); due = setTimeout(refresh, 60); }

async function send(form) {
  const body = new FormData(form);
  form.reset();
  try {
    const answer = await fetch(form.action, { method: "post", body, headers: { "X-Requested-With": "fetch" } });
    if (answer.ok) form.closest(".edit")?.removeAttribute("open");
    say(answer.ok ? "" : `L’envoi n’a pas abouti (${answer.status}).`);
  } catch {
    say("Le bac à sable ne répond pas : est-il démarré ?");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-send]")) return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});

const source = new EventSource(events);
source.onmessage = refreshSoon;
source.onopen = refreshSoon;
for (const list of document.querySelectorAll(".talk")) list.scrollTop = list.scrollHeight;
