// What keys do, without a browser: run by test_keys.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, VIEWS, begun, decide, has, rowAfter, startsLine, typedOn } from "../../agent_desk/static/keys.js";
import { ways } from "../../agent_desk/static/keys-shown.js";

const HERE = { place: "page", hasCase: true, isOther: false, isFolded: false, isBegun: false, hasChosen: false, startsLine: false };
const pressed = (key, more = {}) => ({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, repeat: false, isComposing: false, at: 0, ...more });
const act = (key, about = {}, more = {}, on = true) => decide(begun(on), pressed(key, more), { ...HERE, ...about })[0];

test("letters act outside of fields, on the character typed", () => {
  const wanted = { j: "next", k: "previous", r: "reply", x: "note", a: "assign", t: "reroute", u: "others", e: "close", s: "snooze", n: "enter", f: "narrow", v: "keep-view" };
  for (const [key, done] of Object.entries(wanted)) assert.deepEqual(act(key), { act: done }, key);
  assert.deepEqual(act("/", {}, { shiftKey: true }), { act: "search" }, "as AZERTY types it");
  assert.deepEqual(act("?", {}, { shiftKey: true }), { act: "show" });
  assert.deepEqual(act("R"), { act: "reply" }, "with Caps Lock on");
  assert.equal(act("R", {}, { shiftKey: true }), null);
});

test("nothing but sending and Escape acts in a field, and nothing under a dialog", () => {
  for (const { keys } of KEYS) for (const key of keys) for (const place of ["field", "text", "dialog"]) {
    if (!["Escape", "Mod+Enter"].includes(key)) assert.equal(act(key, { place }), null, `${key} in ${place}`);
  }
  assert.equal(act("g", { place: "field" }), null);
  assert.equal(act("Escape", { place: "dialog" }), null, "the browser closes it");
});

test("Ctrl, Alt and the command key are the browser's", () => {
  for (const modifier of ["ctrlKey", "altKey", "metaKey"]) for (const key of ["r", "a", "s", "e", "j", "/", "g", "ArrowDown", "Home"]) {
    assert.equal(act(key, { place: "row" }, { [modifier]: true }), null, `${modifier} ${key}`);
  }
});

test("Ctrl or the command key and Enter send what is composed, once", () => {
  for (const more of [{ ctrlKey: true }, { metaKey: true }]) assert.deepEqual(act("Enter", { place: "text" }, more), { act: "send" });
  assert.equal(act("Enter", { place: "text" }, { ctrlKey: true, repeat: true }), null);
  assert.equal(act("Enter", { place: "field" }, { ctrlKey: true }), null);
  assert.equal(act("Enter", { place: "text" }), null);
});

test("switched off, no single key acts, in no place", () => {
  const left = new Set(["Escape"]);
  for (const { keys, places } of KEYS) for (const key of keys) for (const place of places) {
    if (!left.has(key)) assert.equal(act(key, { place, startsLine: true }, {}, false), null, `${key} in ${place}`);
  }
  assert.deepEqual(act("Enter", { place: "text" }, { ctrlKey: true }, false), { act: "send" });
  assert.deepEqual(act("Escape", { place: "text" }, {}, false), { act: "leave-field" });
});

test("g and a letter lead to a list, until one goes on to something else", () => {
  for (const [letter, to] of Object.entries(VIEWS)) {
    const [nothing, state] = decide(begun(true), pressed("g", { at: 100 }), HERE);
    assert.equal(nothing, null);
    assert.deepEqual(decide(state, pressed(letter, { at: 900 }), HERE)[0], { act: "view", to });
    assert.equal(decide(state, pressed(letter, { at: 900 }), { ...HERE, place: "field" })[0], null);
    assert.notEqual(decide(state, pressed(letter, { at: 9000 }), HERE)[0]?.act, "view", "long after");
  }
  const [, waiting] = decide(begun(true), pressed("g"), HERE);
  const [, over] = decide(waiting, pressed("Escape"), HERE);
  assert.deepEqual([decide(waiting, pressed("Escape"), HERE)[0], decide(over, pressed("m"), HERE)[0]], [null, null]);
  const [, shifted] = decide(waiting, pressed("Shift", { shiftKey: true }), HERE);
  assert.equal(shifted.since, 0);
});

test("rows are gone through by letters from anywhere, by arrows where these do not scroll", () => {
  for (const [key, done] of [["ArrowDown", "next"], ["ArrowUp", "previous"], ["Home", "first"], ["End", "last"]]) {
    assert.deepEqual(act(key, { place: "row" }), { act: done });
    assert.deepEqual(act(key, { hasCase: false }), { act: done });
    assert.equal(act(key), null, `${key} beside a case`);
    assert.equal(act(key, { place: "control", hasCase: false }), null, `${key} on a button`);
  }
  assert.deepEqual(act("j", {}, { repeat: true }), { act: "next" });
  assert.equal(act("e", {}, { repeat: true }), null, "a key that lies there closes nothing");
  assert.deepEqual([rowAfter("next", -1, 3), rowAfter("next", 2, 3), rowAfter("previous", 0, 3), rowAfter("previous", -1, 3)], [0, 2, 0, 2]);
  assert.deepEqual([rowAfter("first", 2, 3), rowAfter("last", 0, 3), rowAfter("next", 0, 0), rowAfter("extend-down", 0, 3), rowAfter("extend-up", 2, 3)], [0, 2, -1, 1, 1]);
});

test("in a row, Space selects, Shift extends, Enter opens; an act is about the row's case", () => {
  const row = { place: "row", isOther: true };
  assert.deepEqual(act(" ", row), { act: "select" });
  assert.deepEqual([act("ArrowDown", row, { shiftKey: true }), act("ArrowUp", row, { shiftKey: true })], [{ act: "extend-down" }, { act: "extend-up" }]);
  assert.deepEqual(act("Enter", row), { act: "open" });
  assert.deepEqual(act("r", row), { act: "open", then: "reply" });
  assert.deepEqual(act("r", { place: "row" }), { act: "reply" }, "the one that is open");
  assert.deepEqual([act(" "), act("Enter"), act(" ", { place: "control" }), act("r", { hasCase: false })], [null, null, null, null]);
});

test("with rows chosen, what may be done with many is done with all of them", () => {
  const many = { place: "row", isOther: true, hasChosen: true };
  const done = { r: "reponse", c: "reponse-cloture", a: "attribution", t: "transmission", e: "cloture" };
  for (const [key, to] of Object.entries(done)) assert.deepEqual(act(key, many), { act: "many", to }, key);
  assert.deepEqual(act("x", many), { act: "open", then: "note" }, "of one case alone");
  assert.equal(act("c"), null, "with nothing chosen");
});

test("a slash at the beginning of an empty line opens the saved answers, and Enter puts one in", () => {
  assert.deepEqual(act("/", { place: "text", startsLine: true }), { act: "saved" });
  assert.equal(act("/", { place: "text" }), null);
  assert.deepEqual(act("Enter", { place: "saved" }), { act: "insert" });
  assert.deepEqual(["", "a\n", "a\n\nb", "\nb"].map((text) => startsLine(text, text.indexOf("\n") < 0 ? 0 : text.indexOf("\n") + 1, text.indexOf("\n") < 0 ? 0 : text.indexOf("\n") + 1)), [true, true, true, false]);
  assert.equal(startsLine("ab", 1, 1), false);
  assert.equal(startsLine("", 0, 1), false);
});

test("who has pressed r writes, though the case is still on its way", () => {
  const on = (typed, key, more) => typedOn(typed, pressed(key, more));
  assert.deepEqual(["t", "/", " ", "é", "😀"].map((key) => on("a", key)), ["at", "a/", "a ", "aé", "a😀"]);
  assert.deepEqual([on("ab", "Backspace"), on("a", "Enter"), on("", "@", { ctrlKey: true, altKey: true })], ["a", "a\n", "@"]);
  assert.deepEqual([on("a", "Escape"), on("a", "Shift"), on("a", "a", { ctrlKey: true }), on("a", "é", { isComposing: true })], [null, null, null, null]);
});

test("Escape leaves the innermost thing only", () => {
  const all = { hasCase: true, hasChosen: true };
  assert.deepEqual(act("Escape", { ...all, place: "saved", isFolded: true }), { act: "back-to-text" });
  assert.deepEqual(act("Escape", { ...all, place: "field", isFolded: true }), { act: "fold" });
  assert.deepEqual(act("Escape", { ...all, place: "control", isBegun: true }), { act: "go-back" });
  assert.deepEqual(act("Escape", { ...all, place: "text" }), { act: "leave-field" });
  assert.deepEqual(act("Escape", { ...all }), { act: "choose-none" });
  assert.deepEqual(act("Escape"), { act: "leave-case" });
  assert.equal(act("Escape", { hasCase: false }), null);
  assert.equal(act("Escape", { place: "row" }), null);
  assert.equal(act("Escape", { place: "text" }, { isComposing: true }), null, "of a character that is being composed");
});

test("the key of a place that some have does nothing for others", () => {
  assert.deepEqual([has(VIEWS.v, []), has(VIEWS.v, ["/mon-service"]), has(VIEWS.m, [])], [false, true, true]);
});

test("each key has one meaning in each place, and is shown as it is pressed", () => {
  const seen = KEYS.flatMap(({ keys, places }) => keys.flatMap((key) => places.map((place) => `${key} ${place}`)));
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(!seen.some((each) => each.startsWith("g ")));
  const names = { Enter: "Entrée", Shift: "Maj", ArrowDown: "↓", Mod: "Ctrl" };
  assert.deepEqual(ways("next", names, false), [["j"], ["↓"]]);
  assert.deepEqual(ways("extend-down", names, false), [["Maj", "↓"]]);
  assert.deepEqual([ways("send", names, false), ways("send", names, true)], [[["Ctrl", "Entrée"]], [["⌘", "Entrée"]]]);
  assert.deepEqual(ways("/demandes?vue=miennes", names, false), [["g", "m"]]);
});
