// A browser keeps six connections to one host at most, and every open page holds one for its live updates: a tab that
// nobody looks at gives its own back, and asks anew when it is looked at. What it missed the server tells (?vu=…).
(() => {
  let source = null;
  htmx.createEventSource = (url) => (source = new EventSource(url));
  document.addEventListener("visibilitychange", () => {
    if (source === null) return;
    if (document.hidden) source.close();
    else if (source.readyState === EventSource.CLOSED) source.onerror(new Event("error")); // htmx-ext-sse connects again
  });
})();
