// What somebody has typed since its draft was kept last is kept when its page goes: by a beacon, which outlives the page.
const sent = new WeakSet(); // forms that are on their way: what is sent is no draft any more

function keep() {
  const text = document.querySelector("textarea[hx-post]");
  if (text === null || sent.has(text.form) || text.value === (text.dataset.kept ?? text.defaultValue)) return;
  navigator.sendBeacon(text.getAttribute("hx-post"), new URLSearchParams(new FormData(text.form)));
}

document.addEventListener("submit", ({ target, defaultPrevented }) => !defaultPrevented && sent.add(target));
const asked = new WeakMap(); // request → the text that it keeps
const textOf = (element) => element.closest("form")?.querySelector("textarea[hx-post]");
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, xhr } }) => asked.set(xhr, textOf(elt)?.value));
document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr, successful } }) => {
  if (successful && textOf(elt)) textOf(elt).dataset.kept = asked.get(xhr);
});
document.addEventListener("desk:leaves", keep);
addEventListener("pagehide", keep);
