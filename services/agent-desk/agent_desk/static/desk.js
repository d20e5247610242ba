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

// Who follows a link to what is new has been shown it: from now on the page's forms say so.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-shown]");
  if (link === null) return;
  for (const field of document.getElementsByName("shown")) field.value = link.dataset.shown;
  document.getElementById("nouveau").replaceChildren();
  document.querySelector(link.hash)?.focus({ preventScroll: true }); // the browser scrolls there by itself
});
