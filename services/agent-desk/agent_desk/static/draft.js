// What somebody has typed since its draft was kept last is kept when its page goes: by a beacon, which outlives the page.
const sent = new WeakSet(); // forms that are on their way: what is sent is no draft any more

function keep() {
  const text = document.querySelector("textarea[hx-post]");
  if (text === null || sent.has(text.form) || text.value === (text.dataset.kept ?? text.defaultValue)) return;
  navigator.sendBeacon(text.getAttribute("hx-post"), new URLSearchParams(new FormData(text.form)));
}

document.addEventListener("submit", ({ target, defaultPrevented }) => !defaultPrevented && sent.add(target));
const asked = new WeakMap(); // request that keeps a draft → its text
const keptBy = (elt, path) => {
  const text = elt.closest("form")?.querySelector("textarea[hx-post]");
  return text?.getAttribute("hx-post") === path ? text : undefined; // a file that is joined keeps no words
};
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, xhr, requestConfig } }) => {
  const text = keptBy(elt, requestConfig.path);
  if (text) asked.set(xhr, text.value);
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr, successful, requestConfig } }) => {
  const text = keptBy(elt, requestConfig.path);
  if (successful && text) text.dataset.kept = asked.get(xhr);
});
document.addEventListener("desk:leaves", keep);
addEventListener("pagehide", keep);
