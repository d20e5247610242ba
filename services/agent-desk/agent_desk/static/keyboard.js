// Carries out what keys.js decides. Without it, or with single keys off, each page works as before: nothing is only here.
// desk.js fetches both at the first key.
const { begun, decide, has, placesOf, rowAfter, startsLine, typedOn } = await import(document.querySelector("meta[name=keys]").content.split(" ")[0]);

const FIELD = "textarea, select, input:not([type=checkbox], [type=radio], [type=file])";
const UNFOLDED = "[data-act] details[open], details[data-act][open]";
const ROWS = ".rows tbody tr, .hits > li";
const TYPED = "tape"; // what was typed on meanwhile
const PAUSE_MS = 1000; // somebody who types on does not stop for so long
const LATER = "touche"; // what is to be done once a page is there: its path, and the act

let state = begun(document.documentElement.dataset.keys !== "off");
let last = { id: "", at: -1 }; // the row where one was: an update may have taken it away meanwhile
let back = null; // where one was before a key led into an act
let typed = null; // null: no answer or note is on its way
let heldAt = 0;
let hasNoText = false; // no answer leaves from here: who types on writes nothing, and presses no keys either

const find = (selector) => document.querySelector(selector);
const rows = () => [...document.querySelectorAll(ROWS)];
const linkOf = (row) => row.querySelector("th a, h2 a");
const rowOf = (element) => element?.closest?.(ROWS) ?? null;
const chosen = () => [...document.querySelectorAll(`${ROWS.split(",")[0]} input[name=case]:checked`)];

function placeOf(target) {
  if (find("dialog[open]") !== null) return "dialog";
  if (target.id === "saved") return "saved";
  if (target.matches("#text, #note, [data-text]")) return "text";
  if (target.matches(FIELD) || target.isContentEditable) return "field";
  if (rowOf(target) !== null) return "row";
  return target.matches("a, button, summary, input") ? "control" : "page";
}

function aboutWhat(target) {
  const row = rowOf(target);
  return {
    place: placeOf(target),
    hasCase: find("main.case") !== null,
    isOther: row !== null && linkOf(row)?.getAttribute("aria-current") !== "true",
    isFolded: target.closest(UNFOLDED) !== null,
    isBegun: back !== null && target.closest("[data-act]") !== null,
    hasChosen: chosen().length > 0,
    startsLine: target.id === "text" && startsLine(target.value, target.selectionStart, target.selectionEnd),
  };
}

function whereOneIs(all) {
  const row = rowOf(document.activeElement) ?? all.find((each) => linkOf(each)?.getAttribute("aria-current") === "true");
  if (row !== undefined) return all.indexOf(row);
  const again = all.findIndex((each) => each.id !== "" && each.id === last.id);
  return again >= 0 ? again : Math.min(last.at, all.length) - 1; // what took its place comes next
}

/** Do what is about the list beside a case, once it is there: a case that opened in place comes first. */
function onceListed(deed) {
  if (find(".beside[aria-busy]") === null) return deed();
  document.addEventListener("htmx:afterSettle", () => onceListed(deed), { once: true });
  return true;
}

function move(act) {
  const all = rows();
  const row = all[rowAfter(act, whereOneIs(all), all.length)];
  if (row === undefined) return false;
  linkOf(row).focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function choose(row, wanted) {
  const box = row.querySelector("input[name=case]");
  if (box !== null && box.checked !== wanted) box.click();
  return box !== null;
}

function extend(act) {
  const from = rowOf(document.activeElement);
  if (!choose(from, true)) return false;
  move(act);
  return choose(rowOf(document.activeElement), true);
}

function open(row, act) {
  const link = linkOf(row);
  if (act === "reply" || act === "note") {
    typed = "";
    heldAt = performance.now();
  }
  if (act !== null) sessionStorage.setItem(LATER, `${link.pathname} ${act}`);
  link.click();
}

// Puts the focus where an act begins, unfolded; false where the page does not offer it. What is proposed there is chosen.
function begin(act) {
  const place = find(`[data-act="${act}"]`);
  if (place === null) return false;
  const first = "input:not([type=hidden]), select, textarea, button";
  const target = place.querySelector("[data-first]") ?? place.querySelector(first);
  for (let fold = place.querySelector("details") ?? place; fold !== null; fold = fold.parentElement.closest("details")) fold.open = true;
  if (document.activeElement.closest("[data-act]") === null) back = document.activeElement;
  target?.focus();
  if (target?.dataset.first === "chosen") target.select();
  return target !== null;
}

function goBack() {
  const there = back !== null && back !== document.body && back.isConnected ? back : find(".scroll");
  back = null;
  document.activeElement.blur();
  there?.focus({ preventScroll: true });
}

function write(mode) {
  const radio = find(`#mode-${mode}`);
  if (radio !== null) radio.checked = true;
  const text = find(mode === "note" ? "#note" : "#text, [data-reply]");
  if (text === null) return false;
  text.focus();
  text.scrollIntoView({ block: "nearest" });
  hasNoText = !text.matches(FIELD);
  if (hasNoText) return true; // it says why no answer leaves from here
  if (text.selectionEnd === 0) text.setSelectionRange(text.value.length, text.value.length);
  if (typed) put(typed, text);
  return true;
}

function put(words, field) {
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true })); // its draft is kept
}

/** Hold what somebody types on who has pressed r; true: the key is nothing else. */
function hold(event, target) {
  const isOver = typed === null || target.matches(FIELD) || (hasNoText && event.timeStamp - heldAt > PAUSE_MS);
  const longer = isOver ? null : typedOn(typed, event);
  if (longer === null) {
    if (hasNoText) typed = null;
    return false;
  }
  typed = longer;
  heldAt = event.timeStamp;
  if (sessionStorage.getItem(LATER) !== null) sessionStorage.setItem(TYPED, typed);
  return true;
}

function listSaved(isOpen) {
  const list = find("#saved");
  if (list === null) return false;
  if (isOpen) list.size = Math.min(8, Math.max(2, list.length));
  if (isOpen && list.length > 1) list.selectedIndex = Math.max(1, list.selectedIndex);
  (isOpen ? list : find("#text")).focus();
  return true;
}

function leaveCase() {
  const all = rows();
  const back = all.length > 0 ? null : find(".back a");
  if (all.length > 0) linkOf(all[Math.max(0, whereOneIs(all))]).focus();
  back?.click();
  return all.length > 0 || back !== null;
}

const DEEDS = {
  ...Object.fromEntries(["next", "previous", "first", "last"].map((act) => [act, () => onceListed(() => move(act))])),
  open: ({ then: act }) => {
    const row = rowOf(document.activeElement);
    if (act === undefined && document.activeElement === linkOf(row)) return false; // the browser follows it
    open(row, act ?? null);
  },
  search: () => { find("#recherche")?.focus(); find("#recherche")?.select(); },
  reply: () => write("reply"), note: () => write("note"),
  enter: () => {
    const link = find(".places a[href='/saisie']");
    link?.click();
    return link !== null;
  },
  narrow: () => begin("narrow"), "keep-view": () => begin("keep-view"),
  assign: () => begin("assign"), reroute: () => begin("reroute"), others: () => begin("others"), snooze: () => begin("snooze"), close: () => begin("close"),
  select: () => {
    const row = rowOf(document.activeElement);
    if (document.activeElement !== linkOf(row)) return false; // a box, a button: the browser's
    return choose(row, !row.querySelector("input[name=case]")?.checked);
  },
  "extend-down": () => extend("extend-down"), "extend-up": () => extend("extend-up"),
  "choose-none": () => chosen().forEach((each) => each.click()),
  many: ({ to }) => {
    const button = find(`#ensemble button[value="${to}"]`);
    button?.click();
    return button !== null;
  },
  view: ({ to }) => has(to, placesOf(document)) && document.dispatchEvent(new CustomEvent("desk:go", { detail: to })),
  send: () => {
    const form = document.activeElement.form;
    form.requestSubmit(form.querySelector("[data-first-seen]") ?? form.querySelector("button.main")); // of many: never unseen
  },
  saved: () => listSaved(true), "back-to-text": () => listSaved(false),
  insert: () => {
    const [list, text] = [find("#saved"), find("#text")];
    if (list.value === "") return false;
    const caret = Object.assign(document.createElement("input"), { type: "hidden", name: "caret" });
    caret.value = [...text.value.slice(0, text.selectionStart)].length; // in characters, as the server counts
    list.form.append(caret);
    sessionStorage.setItem(LATER, `${location.pathname} reply`);
    list.form.requestSubmit(find("button[formaction$='/reponse-type']"));
  },
  fold: () => {
    const folded = document.activeElement.closest(UNFOLDED);
    folded.open = false;
    if (back === null) folded.querySelector("summary").focus(); // unfolded without a key
    else goBack();
  },
  "go-back": () => goBack(),
  "leave-field": () => { document.activeElement.blur(); find(".scroll")?.focus({ preventScroll: true }); },
  "leave-case": () => onceListed(leaveCase),
  show: () => { import(find("meta[name=keys-shown]").content).then((shown) => shown.show()); },
};

function carryOut(action) {
  return DEEDS[action.act](action) !== false;
}

/** Do what a key means where the focus is; true: the browser has nothing to do with it any more. */
function press(event, target) {
  if (hold(event, target)) return true;
  const { key, shiftKey, ctrlKey, altKey, metaKey, repeat, isComposing } = event;
  const pressed = { key, shiftKey, ctrlKey, altKey, metaKey, repeat, isComposing, at: event.timeStamp };
  const [action, next] = decide(state, pressed, aboutWhat(target));
  state = next;
  return action !== null && carryOut(action);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return; // something on the page has taken it
  if (press(event, event.target)) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = rowOf(event.target);
  if (row !== null) last = { id: row.id, at: rows().indexOf(row) };
});

document.addEventListener("focusout", (event) => {
  if (event.target.id === "saved") event.target.removeAttribute("size");
});

/** Do what was left to be done once this page is there. */
function doWhatWaits() {
  const [path, act] = sessionStorage.getItem(LATER)?.split(" ") ?? [];
  typed ??= sessionStorage.getItem(TYPED);
  for (const each of [LATER, TYPED]) sessionStorage.removeItem(each);
  hasNoText = false;
  back = null; // it was in the page that is gone
  if (path === location.pathname && act in DEEDS) carryOut({ act });
  if (!hasNoText) typed = null;
}

document.addEventListener("desk:shown", ({ detail }) => {
  if (!detail.isBeside) last.at = -1; // a row's number is its list's
  doWhatWaits();
});
addEventListener("pagehide", () => { typed = null; }); // what is gone back to holds nothing
doWhatWaits();

/** Do what the browser does at Enter: it was kept from it. */
function enter(target) {
  if (target.matches("textarea")) put("\n", target);
  else if (target.matches(FIELD)) target.form?.requestSubmit();
  else target.click();
}

/** Do what was pressed before this was there. held: the browser was kept from it; after r such letters are words. */
export function catchUp(early) {
  for (const { event, held } of early) {
    const target = document.activeElement ?? document.body;
    if (event.defaultPrevented && !held) continue; // something on the page has taken it
    if (held && event.key.length === 1 && target.matches("#text, #note, #recherche")) put(event.key, target);
    else if (!press(event, target) && held && event.key === "Enter") enter(target);
  }
}
