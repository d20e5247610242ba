// The keys, shown from the table by which they act: over a page (?), or on the page of an agent's preferences.
const { KEYS, VIEWS, has, placesOf } = await import(typeof document === "undefined" ? "./keys.js" : document.querySelector("meta[name=keys]").content.split(" ")[0]);

export const WORDS = {
  fr: {
    title: "Raccourcis clavier", shut: "Fermer", off: "Une touche seule n’agit jamais dans un champ. Pour les éteindre :", preferences: "Préférences",
    moving: "Se déplacer", working: "Traiter la demande", several: "Plusieurs à la fois", writing: "Dans la réponse", help: "Cette aide", views: "Aller à (g, puis)",
    next: "Suivante", previous: "Précédente", first: "Première", last: "Dernière", open: "Ouvrir", leave: "Revenir d’un pas", search: "Rechercher", enter: "Saisir une demande", narrow: "Filtrer la liste", "keep-view": "Enregistrer cette vue",
    reply: "Répondre", note: "Note interne", assign: "Attribuer", reroute: "Transmettre", others: "Ses autres demandes", snooze: "Mettre en attente", close: "Clore",
    select: "Cocher", "extend-down": "Cocher vers le bas", "extend-up": "Cocher vers le haut",
    send: "Envoyer", saved: "Réponse type (ligne vide)", insert: "L’insérer", show: "Ouvrir",
    r: "À répondre", p: "À signer", m: "Les miennes", n: "Non attribuées", d: "En attente de date", u: "Non lues", a: "À rappeler", e: "Envoi en échec", s: "Suivies", c: "Closes", t: "Toutes", i: "Urgentes", v: "Mon service",
  },
  en: {
    title: "Keyboard shortcuts", shut: "Close", off: "A single key never acts in a field. To switch them off:", preferences: "Preferences",
    moving: "Moving about", working: "Working on the case", several: "Several at once", writing: "In the answer", help: "This help", views: "Going to (g, then)",
    next: "Next", previous: "Previous", first: "First", last: "Last", open: "Open", leave: "One step back", search: "Search", enter: "Take down a case", narrow: "Narrow the list", "keep-view": "Keep this view",
    reply: "Answer", note: "Internal note", assign: "Assign", reroute: "Hand to a department", others: "Their other cases", snooze: "Put off", close: "Close",
    select: "Tick", "extend-down": "Tick downwards", "extend-up": "Tick upwards",
    send: "Send", saved: "Saved answer (empty line)", insert: "Insert it", show: "Open",
    r: "To answer", p: "To sign", m: "Mine", n: "Unassigned", d: "Put off until a day", u: "Unread", a: "To call back", e: "Sending failed", s: "Followed", c: "Closed", t: "All", i: "Urgent", v: "My department",
  },
};
const CAPS = {
  fr: { ArrowDown: "↓", ArrowUp: "↑", Home: "Début", End: "Fin", Enter: "Entrée", Escape: "Échap", " ": "Espace", Shift: "Maj", Mod: "Ctrl" },
  en: { ArrowDown: "↓", ArrowUp: "↑", Home: "Home", End: "End", Enter: "Enter", Escape: "Esc", " ": "Space", Shift: "Shift", Mod: "Ctrl" },
};

/** Return the groups of a table: [title, [[what, [[cap, …] for each way]]]]. language: fr or en. isMac: ⌘ for Ctrl. bar: its addresses. */
export function groups(language, isMac, bar) {
  const words = WORDS[language];
  const cap = (part) => (part === "Mod" && isMac ? "⌘" : (CAPS[language][part] ?? part));
  const caps = (key) => (key === "+" ? [key] : key.split("+").map(cap));
  const titles = [...new Set(KEYS.map((each) => each.group))].filter((each) => each !== "help");
  const of = (title) => KEYS.filter((each) => each.group === title).map((each) => [words[each.act], each.keys.map(caps)]);
  const views = Object.keys(VIEWS).filter((letter) => has(VIEWS[letter], bar)).map((letter) => [words[letter], [["g", letter]]]);
  return [...titles.map((each) => [words[each], of(each)]), [words.views, views], [words.help, of("help")]];
}

const make = (tag, ...inside) => {
  const made = document.createElement(tag);
  made.append(...inside);
  return made;
};

/** Put the table into an element. */
export function fill(place) {
  const keys = (ways) => make("dd", ...ways.flatMap((caps) => caps.flatMap((each) => [make("kbd", each), " "])));
  const section = ([title, lines]) =>
    make("section", make("h3", title), make("dl", ...lines.map(([what, ways]) => make("div", make("dt", what), keys(ways)))));
  const language = document.documentElement.lang === "en" ? "en" : "fr";
  place.replaceChildren(...groups(language, /Mac|iP/.test(navigator.platform), placesOf(document)).map(section));
}

/** Open the table over the page; what had the focus has it again afterwards. */
export function show() {
  const words = WORDS[document.documentElement.lang === "en" ? "en" : "fr"];
  const [dialog, table, title] = [make("dialog"), make("div"), make("h2", words.title)];
  const link = make("a", words.preferences);
  const shut = make("button", words.shut);
  const head = make("div", title, shut);
  table.className = "keys";
  head.className = "spread acts";
  link.href = "/preferences";
  shut.type = "button";
  title.id = "touches";
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(head, table, make("p", `${words.off} `, link));
  fill(table);
  shut.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const here = typeof document === "undefined" ? null : document.querySelector("[data-keys-shown]");
if (here !== null) fill(here);
