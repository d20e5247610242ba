// Keys of a form with data-keys. Ctrl or ⌘ and Enter sends it by its first button. Escape leaves the field for the form
// itself; there, and nowhere else, the letter that a button names in data-key presses it: matched on the character, so
// that it is the same on every keyboard, and without effect while somebody types.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest("form[data-keys]");
  if (form === null || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.main"));
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest("[data-people]")) {
    const [field, ...people] = form.querySelectorAll("#name, .person");
    const next = people.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    if (people.length === 0 || next === people.length || next === -2) return;
    event.preventDefault();
    (people[next] ?? field).focus();
  } else if (event.key === "Escape" && event.target !== form) {
    event.preventDefault();
    form.focus({ preventScroll: true });
  } else if (event.target === form && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const button = [...form.querySelectorAll("button[data-key]")].find((each) => each.dataset.key === event.key.toLowerCase());
    if (button === undefined) return;
    event.preventDefault();
    form.requestSubmit(button);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.querySelector(".chosen") !== null) document.getElementById("subject").focus();
});
