// Colleagues proposed in a note, without a browser: run by test_keys.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SHOWN, decide, proposed, put, typedAt } from "../../agent_desk/static/mentions.js";

const COLLEAGUES = [{ name: "Inès Caron", handle: "ines.caron" }, { name: "Karim Haddad", handle: "karim.haddad" }, { name: "Jean-Marc Petit", handle: "p-jm" }];
const key = (name, more = {}) => ({ key: name, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, isComposing: false, ...more });

test("a name is being typed after an @ that begins a word", () => {
  assert.deepEqual(typedAt("Vu avec @Inè", 12), { from: 8, query: "ine" });
  assert.deepEqual(typedAt("@", 1), { from: 0, query: "" });
  assert.deepEqual(typedAt("(@kar reste", 5), { from: 1, query: "kar" });
  for (const text of ["alice@courriel", "@ines caron", "rien", "@@ines"]) assert.equal(typedAt(text, text.length), null, text);
});

test("colleagues are found by any of their names, without accents, and few at once", () => {
  const names = (query) => proposed(query, COLLEAGUES).map(({ handle }) => handle);
  assert.deepEqual(names("ine"), ["ines.caron"]);
  assert.deepEqual(names("had"), ["karim.haddad"]);
  assert.deepEqual(names("marc"), ["p-jm"]);
  assert.deepEqual(names("karim.h"), ["karim.haddad"]);
  assert.deepEqual(names("zz"), []);
  assert.deepEqual(names("karim.haddad"), [], "nothing is left to propose");
  assert.equal(proposed("", Array(50).fill(COLLEAGUES[0])).length, SHOWN);
});

test("who is chosen takes the place of what was typed, one blank behind", () => {
  assert.deepEqual(put("Vu @ka demain", 6, 3, "karim.haddad"), { text: "Vu @karim.haddad demain", caret: 17 });
  assert.deepEqual(put("@", 1, 0, "a.b"), { text: "@a.b ", caret: 5 });
});

test("keys are the list's while it is there, and only then", () => {
  assert.deepEqual(decide(key("ArrowDown"), 1, 2), { active: 0 });
  assert.deepEqual(decide(key("ArrowUp"), 0, 2), { active: 1 });
  for (const each of ["Enter", "Tab"]) assert.deepEqual(decide(key(each), 1, 2), { take: 1 });
  assert.deepEqual(decide(key("Escape"), 0, 2), { leave: true });
  for (const each of ["Enter", "Tab", "Escape", "ArrowDown"]) assert.equal(decide(key(each), 0, 0), null, each);
  assert.equal(decide(key("Enter", { ctrlKey: true }), 0, 2), null, "it sends the note");
  assert.equal(decide(key("Tab", { shiftKey: true }), 0, 2), null);
  assert.equal(decide(key("Enter", { isComposing: true }), 0, 2), null);
  assert.equal(decide(key("a"), 0, 2), null);
});
