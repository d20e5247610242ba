// A browser keeps six connections to one host at most, and every open page holds one for its live updates, or two where
// a list stands beside a case: a tab that nobody looks at gives its own back, and asks anew when it is looked at. What
// it missed the server tells (?vu=…).
(() => {
  let sources = [];
  htmx.createEventSource = (url) => {
    const source = new EventSource(url);
    sources = [...sources.filter((each) => each.wanted || each.readyState !== EventSource.CLOSED), source];
    return source;
  };
  document.addEventListener("visibilitychange", () => {
    for (const source of sources) {
      if (document.hidden) {
        source.wanted = source.readyState !== EventSource.CLOSED;
        source.close();
      } else if (source.wanted) {
        source.wanted = false;
        source.onerror(new Event("error")); // htmx-ext-sse connects again
      }
    }
  });
})();

// Who follows a link to what is new has been shown it: from now on the page's forms say so.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-shown]");
  if (link === null) return;
  for (const field of document.getElementsByName("shown")) field.value = link.dataset.shown;
  document.getElementById("nouveau").replaceChildren();
  document.querySelector(link.hash)?.focus({ preventScroll: true }); // the browser scrolls there by itself
});

// What helps with one field alone is fetched once somebody is in it.
document.addEventListener("focusin", ({ target }) => {
  const script = target.dataset.script;
  delete target.dataset.script;
  if (script) import(script).then(({ attach }) => attach(target));
});

// A case opens at the first message that its reader has not read; without one, at the newest (desk.css), from its first line.
(() => {
  const newest = () => [...document.querySelectorAll(".scroll .moment-said")].at(-1);
  const start = () => document.getElementById("non-lu") ?? (matchMedia("(width >= 68.75em)").matches ? newest() : null);
  const show = () => location.hash || start()?.scrollIntoView({ block: "start" });
  document.addEventListener("desk:shown", show);
  show();
})();

// Whether there is room for a list beside a case, the server learns from a cookie, so that a narrow page holds none.
(() => {
  const wide = matchMedia("(width >= 68.75em)");
  const tell = () => {
    document.cookie = `ecran=${wide.matches ? "large" : ""}; path=/; samesite=strict; max-age=${wide.matches ? 31536000 : 0}`;
  };
  wide.addEventListener("change", tell);
  tell();
})();

// A menu closes when something else is clicked or focused, and by Escape, which leads back to what opened it.
(() => {
  const open = () => document.querySelector("details[data-menu][open]");
  const leave = (event) => {
    const menu = open();
    if (menu !== null && !menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener("click", leave);
  document.addEventListener("focusin", leave);
  document.addEventListener("keydown", (event) => {
    const menu = open();
    if (event.key !== "Escape" || menu === null) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();

// The list beside a case says which one is open, and stays where it was.
(() => {
  const list = () => document.querySelector(".beside #liste");
  const mark = () => {
    for (const link of document.querySelectorAll(".beside th a")) {
      if (location.pathname.startsWith(link.pathname)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const keep = () => list() && sessionStorage.setItem("liste", String(list().scrollTop));
  const show = () => {
    const there = list();
    if (there && !there.dataset.there) there.scrollTop = Number(sessionStorage.getItem("liste"));
    if (there) there.dataset.there = "yes";
    mark();
  };
  addEventListener("pagehide", keep);
  document.addEventListener("desk:leaves", keep);
  document.addEventListener("desk:shown", show);
  document.addEventListener("htmx:afterSwap", show);
  show();
})();

// A list, what is found and a case open in the place of one another (in-place.js), a row's case in the place of the case
// beside it. What else is opened is a page of its own.
(() => {
  const script = document.currentScript.dataset.inPlace;
  if (script === undefined) return;
  const address = () => location.pathname + location.search;
  const opensInPlace = (to) =>
    [to, location].every(({ origin, pathname }) => origin === location.origin && /^\/(recherche|demandes(\/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})?)$/.test(pathname));
  let inPlace = null; // to import it again would take some ms
  const open = async (to, how) => {
    try {
      inPlace ??= await import(script);
    } catch {
      return how.fallBack();
    }
    inPlace.openInPlace(to, how);
  };
  const follow = (to, isBeside) => open(to, { isBeside, fallBack: () => location.assign(to) });
  let shown = address();
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.matches("[target], [download], [hreflang], [data-close]") || link.hash !== "" || !opensInPlace(link)) return;
    event.preventDefault();
    follow(link.href, link.closest(".beside .rows") !== null);
  });
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const isAsked = form.method === "post" && /^\/(recherche|demandes)$/.test(form.getAttribute("action"));
    if (event.defaultPrevented || !isAsked || !opensInPlace(new URL(form.action)) || form.dataset.apart) return;
    event.preventDefault();
    const fallBack = () => {
      form.dataset.apart = "yes";
      form.requestSubmit(submitter);
    };
    open(form.action, { body: new URLSearchParams(new FormData(form, submitter)), fallBack });
  });
  document.addEventListener("desk:go", ({ detail: to }) => (opensInPlace(new URL(to, location)) ? follow(to) : location.assign(to)));
  document.addEventListener("desk:shown", () => (shown = address()));
  addEventListener("popstate", ({ state }) => {
    if (address() !== shown) open(location.href, { returnsTo: state ?? {}, fallBack: () => location.reload() });
    else inPlace?.abandon(); // one is where one was
  });
})();

// What keys do is fetched at the first one, in a field at its focus, and where the page before left something to be done.
// What is pressed until that is there waits for it (keyboard.js): ours is kept from the browser meanwhile, which would
// scroll, or search in the page.
(() => {
  const named = document.querySelector("meta[name=keys]")?.content.split(" ");
  if (named === undefined) return;
  const { dataset } = document.documentElement;
  const early = [];
  const isField = (target) => target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=file])");
  const isOurs = ({ key, target, ctrlKey, altKey, metaKey, isComposing }) => {
    if (dataset.keys === "off" || ctrlKey || altKey || metaKey || isComposing || isField(target)) return false;
    if (key === "Enter") return early.some(({ held }) => held); // it is about where those before it lead
    const isRow = target.closest(".rows tr, .hits > li") !== null;
    if (/^(Arrow(Up|Down)|Home|End)$/.test(key)) return isRow || (target.matches("body, #contenu") && document.querySelector("main.case") === null);
    return key === " " ? isRow && target.matches("a") : key.length === 1;
  };
  const fetchKeys = () => {
    document.removeEventListener("focusin", focused);
    Promise.all(named.map((each) => import(each))).then(([, { catchUp }]) => {
      document.removeEventListener("keydown", hold);
      catchUp(early.splice(0));
    });
  };
  const focused = ({ target }) => isField(target) && fetchKeys();
  const hold = (event) => {
    if (event.defaultPrevented) return;
    const held = isOurs(event);
    if (held) event.preventDefault();
    early.push({ event, held });
    fetchKeys();
  };
  document.addEventListener("keydown", hold);
  document.addEventListener("focusin", focused);
  if (sessionStorage.getItem("touche") !== null) fetchKeys();
  dataset.keys ??= "on"; // from now on what is pressed is heard
})();
