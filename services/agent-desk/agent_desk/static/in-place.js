// Lists, searches and cases follow each other within one document: what is fetched is the page that its address serves,
// and its body takes the place of the one shown, which spares the browser a new document. Whatever this cannot show here
// the browser opens itself. desk.js fetches this at the first click.
const TOLD_AFTER_MS = 100; // a region tells what comes into it once it is there
const SHOWN = new Set([200, 403, 404]); // of another answer, a sign-in say, the browser makes a page of its own
const SAME = "meta[name=keys]"; // of a desk of another version, or of nobody who sees cases, neither

let latest = new AbortController();
const told = Object.assign(document.createElement("p"), { className: "unseen", role: "status" });

const versionOf = (page) => page.querySelector(SAME)?.content;
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail }));

/** Keep how far one is in this page, so that going back leads there. */
const keepPlace = () => history.replaceState({ y: scrollY }, "");

/** Add the style sheets that the next page has and this one lacks; they hold back what they are for. */
function addStyles(page) {
  const there = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map(({ href }) => href));
  const missing = [...page.querySelectorAll("link[rel=stylesheet]")].filter(({ href }) => !there.has(href));
  return Promise.all(
    missing.map(({ href }) => {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
      const loaded = new Promise((done) => (link.onload = link.onerror = done));
      document.head.append(link);
      return loaded;
    }),
  );
}

/** Return a script as the browser carries it out: none does that comes out of a parsed page. */
function lively({ src, type }) {
  return Object.assign(document.createElement("script"), { src, type, async: false });
}

function addScripts(page) {
  const there = new Set([...document.scripts].map(({ src }) => src));
  document.head.append(...[...page.head.querySelectorAll("script")].filter(({ src }) => !there.has(src)).map(lively));
}

function put(page, isBeside) {
  for (const script of page.body.querySelectorAll("script")) script.replaceWith(lively(script));
  document.title = page.title;
  const { body } = document;
  if (isBeside) {
    const left = document.getElementById("contenu");
    left.before(page.getElementById("contenu"));
    htmx.remove(left);
    body.append(told);
  } else {
    body.className = page.body.className;
    for (const each of [...body.children]) htmx.remove(each);
    body.replaceChildren(...page.body.childNodes, told);
  }
  htmx.process(body);
}

async function show(page, address, { isBeside, returnsTo, signal }) {
  await addStyles(page);
  if (signal.aborted) return;
  addScripts(page);
  tell("desk:leaves");
  if (!returnsTo) {
    keepPlace();
    history.pushState(null, "", address);
  }
  put(page, isBeside);
  history.scrollRestoration = "manual"; // the browser would scroll before the page is there
  document.getElementById("contenu").focus({ preventScroll: true });
  tell("desk:shown", { isBeside });
  if (!isBeside) scrollTo(0, returnsTo?.y ?? 0);
  told.textContent = "";
  setTimeout(() => (told.textContent = document.title), TOLD_AFTER_MS);
}

/**
 * Fetch a page and show it here; where that cannot be, call `otherwise`.
 * body: what a form sends. isBeside: the case alone changes, and the list beside it stays. returnsTo: `{ y }` in px, of
 * whoever goes back; without it the page is a new one of the history.
 */
export async function turn(address, { body, isBeside = false, returnsTo, otherwise }) {
  latest.abort(); // what is asked for last is shown
  latest = new AbortController();
  const { signal } = latest;
  document.getElementById("contenu")?.setAttribute("aria-busy", "true");
  let answer, text;
  try {
    answer = await fetch(address, { method: body ? "POST" : "GET", body, signal, headers: { Accept: "text/html", "In-Place": "yes" } });
    text = await answer.text();
  } catch {
    if (!signal.aborted) otherwise(); // nobody answers, which the browser says
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!SHOWN.has(answer.status) || versionOf(page) !== versionOf(document)) return otherwise();
  const shownAt = new URL(answer.headers.get("Content-Location") ?? "", answer.url).href; // of a search that was sent
  await show(page, shownAt, { isBeside, returnsTo, signal });
}

addEventListener("pagehide", () => {
  keepPlace();
  history.scrollRestoration = "auto"; // of a document that is opened anew
});
