// What a key does at the desk. Pure: keyboard.js carries it out, keys-shown.js shows the table, tests/keys/ run it without
// a browser. A letter is matched on the character typed, so that it is the same on every keyboard, and never with Ctrl,
// Alt or ⌘: those are the browser's, and a screen reader's.

/**
 * The keys, as they are carried out and as they are shown. places: where the focus must be (`placeOf` of keyboard.js).
 * repeats: also while the key is held down.
 */
const ANYWHERE = ["row", "control", "page"];
export const KEYS = [
  { act: "next", keys: ["j", "ArrowDown"], places: ANYWHERE, repeats: true },
  { act: "previous", keys: ["k", "ArrowUp"], places: ANYWHERE, repeats: true },
  { act: "first", keys: ["Home"], places: ["row", "page"], repeats: true },
  { act: "last", keys: ["End"], places: ["row", "page"], repeats: true },
  { act: "open", keys: ["Enter"], places: ["row"] },
  { act: "leave", keys: ["Escape"], places: [] },
  { act: "search", keys: ["/"], places: ANYWHERE },
  { act: "enter", keys: ["n"], places: ANYWHERE },
  { act: "narrow", keys: ["f"], places: ANYWHERE },
  { act: "keep-view", keys: ["v"], places: ANYWHERE },
  { act: "reply", keys: ["r"], places: ANYWHERE },
  { act: "note", keys: ["x"], places: ANYWHERE },
  { act: "assign", keys: ["a"], places: ANYWHERE },
  { act: "reroute", keys: ["t"], places: ANYWHERE },
  { act: "others", keys: ["u"], places: ANYWHERE },
  { act: "snooze", keys: ["s"], places: ANYWHERE },
  { act: "qualify", keys: ["q"], places: ANYWHERE },
  { act: "close", keys: ["e"], places: ANYWHERE },
  { act: "select", keys: [" "], places: ["row"] },
  { act: "extend-down", keys: ["Shift+ArrowDown"], places: ["row"] },
  { act: "extend-up", keys: ["Shift+ArrowUp"], places: ["row"] },
  { act: "finish", keys: ["c"], places: ANYWHERE },
  { act: "send", keys: ["Mod+Enter"], places: ["text"] },
  { act: "saved", keys: ["/"], places: ["text"] },
  { act: "insert", keys: ["Enter"], places: ["saved"] },
  { act: "show", keys: ["?"], places: ANYWHERE },
];

/** After g, the letter of a list, or of a place that some have, and its address. */
export const VIEWS = {
  r: "/demandes?vue=a-repondre",
  p: "/demandes?vue=a-signer",
  m: "/demandes?vue=miennes",
  n: "/demandes?vue=non-attribuees",
  d: "/demandes?vue=en-attente",
  u: "/demandes?vue=non-lues",
  a: "/demandes?vue=a-rappeler",
  e: "/demandes?vue=envoi-en-echec",
  s: "/demandes?vue=suivies",
  c: "/demandes?etat=closed",
  t: "/demandes",
  i: "/demandes?vue=urgentes",
  l: "/demandes?vue=en-retard",
  o: "/demandes?vue=echeances",
  k: "/demandes?vue=silence",
  v: "/mon-service",
};

/** Whether an agent has the place of an address: one that is no list is a link of the bar, of whoever has it. */
export const has = (to, bar) => to.startsWith("/demandes") || bar.includes(to);
export const placesOf = (page) => [...page.querySelectorAll(".places a")].map((link) => link.getAttribute("href"));

const AWAITS_MS = 2000; // after g: who has gone on to something else does not mean a list any more
const ON_A_CASE = new Set(["reply", "note", "assign", "reroute", "others", "snooze", "qualify", "close"]);
const OF_MANY = { reply: "reponse", assign: "attribution", reroute: "transmission", close: "cloture", finish: "reponse-cloture" }; // with the rows that are ticked; a page comes first
const OF_THE_LIST = new Set(["ArrowDown", "ArrowUp", "Home", "End"]); // elsewhere they scroll

/** What holds when a page opens. on: whether this agent's single keys act at all. */
export const begun = (on) => ({ on, since: null });

/**
 * Return what a key does and what holds from then on: [action or null, state].
 *
 * pressed: an event's key, shiftKey, ctrlKey, altKey, metaKey, repeat, isComposing, and `at` in milliseconds.
 * place: text (the composer), saved (its list), field, row, control, page, dialog. About the page: hasCase, isOther (the
 * row is not of the case that is open), isFolded (in what is unfolded), isBegun (where a key has led), hasChosen (rows),
 * startsLine (nothing stands on the caret's line).
 * An action: { act }, with `to` for an address, or for what is done with all rows that are chosen, and `then` for what is done once a row's case is open.
 */
export function decide(state, pressed, about) {
  const rest = { ...state, since: null };
  if (pressed.isComposing || about.place === "dialog") return [null, rest];
  if (pressed.key === "Escape") return [state.since === null ? leaving(about) : null, rest];
  if (pressed.key === "Enter" && (pressed.ctrlKey || pressed.metaKey)) return [about.place === "text" && !pressed.repeat ? { act: "send" } : null, rest];
  if (!state.on || pressed.ctrlKey || pressed.altKey || pressed.metaKey) return [null, pressed.key === "Shift" ? state : rest];
  if (state.since !== null && pressed.at - state.since <= AWAITS_MS && ANYWHERE.includes(about.place)) {
    const to = VIEWS[letterOf(pressed)];
    if (to !== undefined) return [{ act: "view", to }, rest];
  }
  if (letterOf(pressed) === "g" && ANYWHERE.includes(about.place)) return [null, { ...state, since: pressed.at }];
  return [plain(pressed, about), pressed.key === "Shift" ? state : rest];
}

function plain(pressed, about) {
  const name = pressed.shiftKey && OF_THE_LIST.has(pressed.key) ? `Shift+${pressed.key}` : letterOf(pressed);
  const found = KEYS.find((each) => each.keys.includes(name) && each.places.includes(about.place));
  if (found === undefined || (pressed.repeat && !found.repeats)) return null;
  if (OF_THE_LIST.has(name) && about.place !== "row" && (about.place === "control" || about.hasCase)) return null;
  if (found.act === "saved" && !about.startsLine) return null;
  if (about.hasChosen && OF_MANY[found.act] !== undefined) return { act: "many", to: OF_MANY[found.act] };
  if (found.act === "finish") return null; // of one case it is a button below the text
  if (!ON_A_CASE.has(found.act)) return { act: found.act };
  if (about.place === "row" && about.isOther) return { act: "open", then: found.act };
  return about.hasCase ? { act: found.act } : null;
}

/** Escape leaves the innermost thing, and nothing else. */
function leaving({ place, hasCase, isFolded, isBegun, hasChosen }) {
  if (place === "saved") return { act: "back-to-text" };
  if (isFolded) return { act: "fold" };
  if (isBegun) return { act: "go-back" };
  if (place === "text" || place === "field") return { act: "leave-field" };
  if (hasChosen) return { act: "choose-none" };
  return hasCase && place !== "row" ? { act: "leave-case" } : null;
}

/**
 * Return what is typed on while the page of a case is on its way, one key later: whoever has pressed r writes. Null: the
 * key is none of these words.
 */
export function typedOn(typed, { key, ctrlKey, altKey, metaKey, isComposing }) {
  if (isComposing || ctrlKey !== altKey || metaKey) return null; // both: AltGr, by which @ and € are typed
  if (key === "Backspace") return typed.slice(0, -1);
  if (key === "Enter") return `${typed}\n`;
  return [...key].length === 1 ? typed + key : null;
}

/** A character alone is the same with Caps Lock on. */
const letterOf = ({ key, shiftKey }) => (key.length === 1 && !shiftKey ? key.toLowerCase() : key);

/** Return the row to go to of so many: at is the one where one is, -1 for none. */
export function rowAfter(act, at, count) {
  if (count === 0) return -1;
  if (act === "first" || (act === "next" && at < 0)) return 0;
  if (act === "last" || (act === "previous" && at < 0)) return count - 1;
  return Math.min(count - 1, Math.max(0, at + (act === "next" || act === "extend-down" ? 1 : -1)));
}

/** Whether nothing stands on the line of a text in which the caret is. */
export const startsLine = (text, start, end) =>
  start === end && (start === 0 || text[start - 1] === "\n") && (start === text.length || text[start] === "\n");
