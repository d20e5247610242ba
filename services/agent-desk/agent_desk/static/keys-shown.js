// The keys of keys.js, written beside the words of the page of preferences: there, or over another page (?).
const { KEYS, VIEWS } = await import(typeof document === "undefined" ? "./keys.js" : document.querySelector("meta[name=keys]").content.split(" ")[0]);

const PREFERENCES = "/preferences";
const WORDS = "[data-keys-shown]";

/** Return the caps of each way to do an act, or to go to the list of an address. names: how a language calls keys. */
export function ways(act, names, isMac) {
  const letter = Object.keys(VIEWS).find((each) => VIEWS[each] === act);
  if (letter !== undefined) return [["g", letter]];
  const cap = (part) => (part === "Mod" && isMac ? "⌘" : (names[part] ?? part));
  return KEYS.find((each) => each.act === act).keys.map((key) => key.split("+").map(cap));
}

function fill(words) {
  const names = JSON.parse(words.dataset.caps);
  for (const line of words.querySelectorAll("[data-key]")) {
    const keys = document.createElement("dd");
    for (const each of ways(line.dataset.key, names, /Mac|iP/.test(navigator.platform)).flat()) {
      keys.append(Object.assign(document.createElement("kbd"), { textContent: each }), " ");
    }
    line.append(keys);
  }
  words.hidden = false;
  return words;
}

/** Open the table over the page; what had the focus has it again afterwards. */
export async function show() {
  if (document.querySelector("dialog[open]") !== null) return;
  const answer = await fetch(PREFERENCES);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const words = page.querySelector(WORDS);
  if (words === null) return location.assign(PREFERENCES); // signed out meanwhile, say: that page tells
  const dialog = document.importNode(page.querySelector("[data-keys-over]").content, true).querySelector("dialog");
  dialog.querySelector("slot").replaceWith(fill(document.importNode(words, true)));
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const here = typeof document === "undefined" ? null : document.querySelector(WORDS);
if (here !== null) fill(here);
