// A file's page opens over the case, in a dialog: Escape closes it, and the focus goes back to where it was opened from.
// Without this script the same link leads to the same page.
(() => {
  let album = []; // what lies beside the file that was opened, in the case

  const show = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("image-ouverte");
    if (!answer.ok || found === null) return false; // signed out, or gone: its own page says so
    const dialog = document.getElementById("loupe") ?? document.body.appendChild(document.createElement("dialog"));
    dialog.id = "loupe";
    dialog.dataset.shown = address;
    dialog.setAttribute("aria-label", found.querySelector("h1").textContent);
    dialog.replaceChildren(document.adoptNode(found));
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-view], a").focus();
    return true;
  };
  const open = (link) => show(link.href).then((done) => done || location.assign(link.href), () => location.assign(link.href));

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // into a tab of its own
    const link = event.target.closest("a[data-view], #loupe a[data-close]");
    if (link === null) {
      if (event.target.id === "loupe") event.target.close(); // beside the picture
      return;
    }
    event.preventDefault();
    const beside = link.closest(".files");
    if (beside) album = [...beside.querySelectorAll("a[data-view]")];
    if (link.matches("[data-close]")) link.closest("dialog").close();
    else open(link);
  });
  document.addEventListener("desk:leaves", () => (album = []));
  document.addEventListener("keydown", (event) => {
    const dialog = document.querySelector("#loupe[open]");
    const to = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (!dialog || !to) return;
    let link = dialog.querySelector(`a[rel="${to}"]`);
    if (!dialog.querySelector("[rel]")) {
      const at = album.findIndex((each) => each.href === dialog.dataset.shown);
      link = at < 0 ? null : album[at + (to === "next" ? 1 : -1)];
    }
    if (!link) return;
    event.preventDefault();
    open(link);
  });
})();
