// Lists, searches and cases follow each other within one document: what is fetched is the page that its address serves,
// and its body takes the place of the one shown, which spares the browser a new document. Whatever this cannot show here
// the browser opens itself. desk.js fetches this when it is first needed.
const SHOWN_STATUSES = new Set([200, 403, 404]); // of another answer, a sign-in say, the browser makes a page of its own
const VERSION = ["script[data-in-place]", "meta[name=keys]", "link[href*='/desk.css']"];
const ANNOUNCED_AFTER_MS = 100; // a live region says what comes into it once it is there

let latest = new AbortController();
const announcer = Object.assign(document.createElement("p"), { className: "unseen", role: "status" });

/** What must be the same for a page to be shown here: language and scripts. A page for nobody who sees cases has none. */
function versionOf(page) {
  const { lang, dataset } = page.documentElement;
  return JSON.stringify([lang, dataset.keys === "off", ...VERSION.map((each) => page.head.querySelector(each)?.outerHTML)]);
}

/** Keep how far one is in this page, so that going back and forward leads there. */
const keepScroll = () => history.replaceState({ y: scrollY }, "");

/** Add the style sheets that the next page has and this one lacks. Each styles its own pages alone: none is taken away. */
function addStyles(page) {
  const there = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map(({ href }) => href));
  const missing = [...page.querySelectorAll("link[rel=stylesheet]")].filter(({ href }) => !there.has(href));
  const loads = missing.map(({ href }) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    const loaded = new Promise((done) => (link.onload = link.onerror = done));
    document.head.append(link);
    return loaded;
  });
  return Promise.all(loads);
}

/** Add the scripts that the next page has and this one lacks: they hear of it by « desk:shown », or come after it. */
function addScripts(page) {
  const there = new Set([...document.scripts].map(({ src }) => src));
  for (const { src, type } of page.head.querySelectorAll("script")) {
    if (!there.has(src)) document.head.append(Object.assign(document.createElement("script"), { src, type, async: false }));
  }
}

/** Put it there by htmx, which ends what hung on the elements that go: their streams above all. */
function replace(page, isBeside) {
  const next = document.createDocumentFragment();
  const target = isBeside ? document.getElementById("contenu") : document.body;
  if (isBeside) next.append(page.getElementById("contenu"));
  else next.append(...page.body.childNodes);
  if (!isBeside) target.className = page.body.className;
  htmx.swap(target, next, { swapStyle: isBeside ? "outerHTML" : "innerHTML", swapDelay: 0, settleDelay: 0, ignoreTitle: true });
  document.title = page.title;
  announcer.textContent = "";
  document.body.append(announcer);
}

async function show(page, address, { isBeside, returnsTo, signal }) {
  await addStyles(page);
  if (signal.aborted) return;
  addScripts(page);
  document.dispatchEvent(new Event("desk:leaves"));
  history.scrollRestoration = "manual"; // the browser would scroll before the page is there
  if (!returnsTo && address !== location.href) {
    keepScroll();
    history.pushState(null, "", address);
  }
  replace(page, isBeside);
  if (!isBeside) scrollTo(0, 0);
  document.getElementById("contenu").focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("desk:shown", { detail: { isBeside } }));
  if (returnsTo?.y !== undefined) scrollTo(0, returnsTo.y);
  setTimeout(() => (announcer.textContent = document.title), ANNOUNCED_AFTER_MS);
}

/**
 * Fetch a page and show it here; where that cannot be, call `fallBack`.
 * body: what a form sends. isBeside: the case alone changes, and the list beside it stays. returnsTo: `{ y }` in px, of
 * whoever goes back or forward; without it the page is a new one of the history.
 */
export async function openInPlace(address, { body, isBeside = false, returnsTo, fallBack }) {
  latest.abort(); // what is asked for last is shown
  latest = new AbortController();
  const { signal } = latest;
  document.getElementById("contenu")?.setAttribute("aria-busy", "true");
  let answer, text;
  try {
    answer = await fetch(address, { method: body ? "POST" : "GET", body, signal, headers: { Accept: "text/html", "In-Place": "yes" } });
    text = await answer.text();
  } catch {
    if (!signal.aborted) fallBack(); // nobody answers, which the browser says
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!SHOWN_STATUSES.has(answer.status) || versionOf(page) !== versionOf(document)) return fallBack();
  const shownAt = new URL(answer.headers.get("Content-Location") ?? "", answer.url).href; // of a search that was sent
  await show(page, shownAt, { isBeside, returnsTo, signal });
}

addEventListener("scrollend", keepScroll);
addEventListener("pagehide", () => {
  history.scrollRestoration = "auto"; // of a document that is opened anew
});
