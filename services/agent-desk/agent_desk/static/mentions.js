// Colleagues proposed while « @ » is typed in a note. What is typed and what is proposed is pure: tests/keys/ run it
// without a browser. Without this script the same words mention the same people, and a list under the field names them.

export const SHOWN = 8;
const TYPED = /(?:^|[^\p{L}\p{N}_.@/+-])@([\p{L}\p{N}_.'’-]{0,40})$/u; // as domain/work/mentions.py reads it

export const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

/** Return what is typed of a name up to the caret, and where its @ stands; null where none is being typed. */
export function typedAt(text, caret) {
  const found = TYPED.exec(text.slice(0, caret));
  return found === null ? null : { from: caret - found[1].length - 1, query: folded(found[1]) };
}

/** Return the first colleagues one of whose names, or whose handle, begins so; none for who is typed whole. colleagues: [{ name, handle }]. */
export function proposed(query, colleagues) {
  if (colleagues.some(({ handle }) => handle === query)) return [];
  const begins = ({ name, handle }) => [handle, ...folded(name).split(/[\s'’-]+/)].some((word) => word.startsWith(query));
  return colleagues.filter(begins).slice(0, SHOWN);
}

/** Return the text with the handle in the place of what was typed, and where the caret is then. */
export function put(text, caret, from, handle) {
  const said = `@${handle} `;
  return { text: text.slice(0, from) + said + text.slice(caret).replace(/^ /, ""), caret: from + said.length };
}

/** Return what a key does in the list: { active } moves to another, { take } or { leave }; null: it is the field's. */
export function decide({ key, shiftKey, ctrlKey, altKey, metaKey, isComposing }, active, count) {
  if (count === 0 || isComposing || ctrlKey || altKey || metaKey) return null;
  if (key === "ArrowDown") return { active: (active + 1) % count };
  if (key === "ArrowUp") return { active: (active - 1 + count) % count };
  if (key === "Enter" || key === "Tab") return shiftKey ? null : { take: active };
  return key === "Escape" ? { leave: true } : null;
}

/** Propose colleagues under a field: those that its form's list names. */
export function attach(field) {
  const listed = field.form.querySelector(".colleagues");
  const colleagues = [...listed.querySelectorAll("li")].map((each) => ({ name: each.firstChild.data.trim(), handle: each.dataset.handle }));
  const list = Object.assign(document.createElement("ul"), { className: "mention-list", id: "mention-list", hidden: true });
  const told = Object.assign(document.createElement("p"), { className: "unseen" });
  let [found, active, from, left] = [[], 0, 0, -1];
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", listed.dataset.list);
  told.setAttribute("role", "status");
  listed.before(list, told);
  for (const [name, value] of Object.entries({ autocomplete: "list", haspopup: "listbox", controls: list.id })) field.setAttribute(`aria-${name}`, value);

  const show = (names) => {
    if (names.length !== found.length) told.textContent = names.length ? listed.dataset.some.replace("{n}", names.length) : "";
    found = names;
    list.hidden = names.length === 0;
    list.replaceChildren(...names.map(({ name, handle }, at) => {
      const option = Object.assign(document.createElement("li"), { id: `mention-${at}` });
      option.append(name, Object.assign(document.createElement("span"), { className: "hint", textContent: `@${handle}` }));
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", at === active);
      return option;
    }));
    if (list.hidden) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", `mention-${active}`);
  };
  const look = () => {
    const typed = typedAt(field.value, field.selectionStart);
    if (typed === null || typed.from !== left) left = -1;
    if (typed?.from !== from) active = 0;
    from = typed?.from ?? -1;
    const names = typed === null || left === from ? [] : proposed(typed.query, colleagues);
    active = Math.min(active, Math.max(0, names.length - 1));
    show(names);
  };
  const take = (at) => {
    const { text, caret } = put(field.value, field.selectionStart, from, found[at].handle);
    field.value = text;
    field.setSelectionRange(caret, caret);
    show([]);
  };
  field.addEventListener("input", look);
  field.addEventListener("click", look);
  field.addEventListener("blur", () => setTimeout(show, 200, [])); // a click that left the field finds its button where it was
  field.addEventListener("keydown", (event) => {
    const done = decide(event, active, found.length);
    if (done === null) return;
    event.preventDefault();
    event.stopPropagation(); // Escape has closed the list, and nothing else
    if ("take" in done) return take(done.take);
    if (done.leave) left = from;
    active = done.active ?? 0;
    show(done.leave ? [] : found);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option !== null) take([...list.children].indexOf(option));
  });
  if (document.activeElement === field) look(); // what was typed before this had come
}
