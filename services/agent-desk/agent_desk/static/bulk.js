// The rows that are ticked, counted; ticked all, or from one to another with Shift; kept when the list comes anew.
(() => {
  let form, all, whole, said; // of the page that is shown
  const boxes = () => [...document.querySelectorAll("input[name=case][type=checkbox]")];
  let kept = new Set();
  let last = null;

  const count = () => {
    if (form === null) return;
    const there = boxes();
    const ticked = there.filter((each) => each.checked);
    const number = ticked.length;
    const words = number === 0 ? form.dataset.none : number === 1 ? form.dataset.one : form.dataset.many.replace("{n}", number);
    if (said.textContent !== words) said.textContent = words;
    form.classList.toggle("some", number > 0 || whole?.checked === true);
    all.checked = number > 0 && number === there.length;
    all.indeterminate = number > 0 && number < there.length;
    kept = new Set(ticked.map((each) => each.value));
  };

  const attach = () => {
    form = document.getElementById("ensemble");
    [kept, last] = [new Set(), null];
    if (form === null) return;
    all = document.getElementById("cocher-tout");
    whole = document.getElementById("toute");
    said = form.querySelector(".ticked");
    form.classList.add("scripted"); // without scripts nobody counts, and the buttons are always there
    all.parentElement.hidden = false;
    all.addEventListener("change", () => {
      for (const each of boxes()) each.checked = all.checked;
      count();
    });
    whole?.addEventListener("change", count);
    count();
  };

  document.addEventListener("change", (event) => event.target.matches("input[name=case][type=checkbox]") && count());
  document.addEventListener("click", (event) => {
    if (!event.target.matches("input[name=case][type=checkbox]")) return;
    const there = boxes();
    const [from, to] = [there.findIndex((each) => each.value === last), there.indexOf(event.target)];
    if (event.shiftKey && from >= 0) {
      for (const each of there.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = event.target.checked;
    }
    last = event.target.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.closest?.("#liste") === null) return;
    for (const each of boxes()) each.checked = kept.has(each.value);
    count();
  });
  addEventListener("pageshow", count); // a browser fills boxes in again when one goes back
  document.addEventListener("desk:shown", attach);
  attach();
})();
