// Lists, searches and cases follow each other within one document: what is fetched is the page that its address serves,
// and its body takes the place of the one shown, which spares the browser a new document. Whatever this cannot show here
// the browser opens itself. desk.js fetches this when it is first needed.
const SHOWN_STATUSES = new Set([200, 403, 404]); // of another answer the browser makes a page of its own
const OURS = "script[data-in-place]"; // no page has it that is for somebody who sees no cases, or for nobody
const ANNOUNCED_AFTER_MS = 100; // a live region says what comes into it once it is there

let latest = new AbortController();
const announcer = Object.assign(document.createElement("p"), { className: "unseen", role: "status" });
const content = () => document.getElementById("contenu");
const listOf = (page) => page.querySelector("section.beside")?.dataset.list ?? page; // that stands beside its case
/** Return the search field where one is in it, else null. */
const searching = () => (document.activeElement?.id === "recherche" ? document.activeElement : null);
const hasNoKeys = (page) => page.documentElement.dataset.keys === "off";

/** Keep how far one is in this page, so that going back and forward leads there. */
const keepScroll = () => history.replaceState({ y: scrollY }, "");

/** Add the style sheets that the next page has and this one lacks. Each styles its own pages alone: none is taken away. */
function addStyles(page) {
  const there = new Set([...document.head.querySelectorAll("link[rel=stylesheet]")].map(({ href }) => href));
  const missing = [...page.querySelectorAll("link[rel=stylesheet]")].filter(({ href }) => !there.has(href));
  const loads = missing.map(({ href }) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    const loaded = new Promise((done) => (link.onload = link.onerror = done));
    document.head.append(link);
    return loaded;
  });
  return Promise.all(loads);
}

/** Return a script as the browser carries it out: it does none that comes out of a parsed page. */
const runnable = ({ src, type }) => Object.assign(document.createElement("script"), { src, type, async: false });

/** Add the scripts that the next page has and this one lacks: they hear of it by « desk:shown », or come after it. */
function addScripts(page) {
  const there = new Set([...document.scripts].map(({ src }) => src));
  document.head.append(...[...page.head.querySelectorAll("script")].filter(({ src }) => !there.has(src)).map(runnable));
}

/** End what hangs on elements that go: streams, and what is asked for. htmx's own swap tells every element that it goes. */
function end(target) {
  for (const each of target.querySelectorAll(".htmx-request")) htmx.trigger(each, "htmx:abort");
  for (const each of [target, ...target.querySelectorAll("[sse-connect]")]) htmx.trigger(each, "htmx:beforeCleanupElement");
}

function replace(page, isBeside) {
  const [next, target] = isBeside ? [page.getElementById("contenu"), content()] : [page.body, document.body];
  for (const each of page.querySelectorAll("noscript")) each.remove(); // parsed without scripts, it would be shown
  end(target);
  if (isBeside) {
    target.replaceWith(next);
  } else {
    target.className = next.className;
    target.replaceChildren(...next.childNodes);
  }
  const there = isBeside ? next : target;
  for (const script of there.querySelectorAll("script")) script.replaceWith(runnable(script));
  htmx.process(there);
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  announcer.textContent = "";
  document.body.append(announcer);
}

/** Wait until somebody looks: a tab that is hidden holds no streams, and would open those of the page that goes. */
async function seen() {
  while (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
}

/** Go on with a search that was begun or corrected meanwhile: each letter that comes next would be a key of the page. */
function typeOn({ value, selectionStart, selectionEnd }) {
  const field = document.getElementById("recherche");
  if (field === null) return;
  field.value = value;
  field.focus({ preventScroll: true });
  field.setSelectionRange(selectionStart, selectionEnd);
}

async function show(page, address, { isBeside, returnsTo, signal, asked }) {
  await addStyles(page);
  await seen();
  if (signal.aborted) return;
  addScripts(page);
  document.dispatchEvent(new Event("desk:leaves"));
  history.scrollRestoration = "manual"; // the browser would scroll before the page is there
  if (!returnsTo && address !== location.href) {
    if (scrollY !== (history.state?.y ?? 0)) keepScroll();
    history.pushState(null, "", address);
  }
  const typed = searching();
  const isTypedOn = typed !== null && typed.value !== asked;
  replace(page, isBeside);
  if (!isBeside) scrollTo(0, 0);
  if (isTypedOn) typeOn(typed);
  else (content().querySelector("[autofocus]") ?? content()).focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("desk:shown", { detail: { isBeside } }));
  if (returnsTo?.y !== undefined) scrollTo(0, returnsTo.y);
  setTimeout(() => (announcer.textContent = document.title), ANNOUNCED_AFTER_MS);
}

/** Let go of what was asked for, if it has not come: the page stays. */
export function abandon() {
  latest.abort();
  content()?.removeAttribute("aria-busy");
}

/**
 * Fetch a page and show it here; where that cannot be, call `fallBack`.
 * body: what a form sends. isBeside: of a row beside a case; that case alone changes, and the list stays. returnsTo:
 * `{ y }` in px, of whoever goes back or forward; without it the page is a new one of the history.
 */
export async function openInPlace(address, { body, isBeside = false, returnsTo, fallBack }) {
  abandon(); // what is asked for last is shown
  latest = new AbortController();
  const { signal } = latest;
  content()?.setAttribute("aria-busy", "true");
  const headers = { Accept: "text/html", "In-Place": document.querySelector(OURS).dataset.version };
  if (isBeside) headers["HX-Request"] = "true"; // without the list, which is there
  let answer, text;
  try {
    answer = await fetch(address, { method: body ? "POST" : "GET", body, signal, headers });
    text = await answer.text();
  } catch {
    if (!signal.aborted) fallBack(); // nobody answers, which the browser says
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const isOurs = SHOWN_STATUSES.has(answer.status) && page.head.querySelector(OURS) !== null && hasNoKeys(page) === hasNoKeys(document);
  if (!isOurs) return fallBack();
  const keepsList = isBeside || listOf(page) === listOf(document);
  const shownAt = new URL(answer.headers.get("Content-Location") ?? "", answer.url).href; // of a search that was sent
  await show(page, shownAt, { isBeside: keepsList, returnsTo, signal, asked: body?.get("q") });
}

document.addEventListener("submit", abandon, true); // what is sent has an answer of its own
document.addEventListener("keydown", ({ key }) => key === "Escape" && content()?.hasAttribute("aria-busy") && abandon());
addEventListener("scrollend", keepScroll);
addEventListener("pagehide", () => {
  history.scrollRestoration = "auto"; // of a document that is opened anew
});
