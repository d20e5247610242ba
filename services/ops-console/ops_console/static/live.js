// Keeps the board up to date, and says so plainly when it no longer is. Without this script the page reloads itself.
"use strict";
(() => {
  const PATIENCE_MS = 25000; // the console looks every 2 s, and waits up to 8 s for Kafka
  const board = document.getElementById("tableau");
  const lost = document.getElementById("perdu");
  const source = new EventSource(board.dataset.stream);
  // What a reader has unfolded stays unfolded.
  const keepOpen = { beforeAttributeUpdated: (name) => name !== "open" };
  let heard = Date.now();

  const show = (isLost) => {
    lost.hidden = !isLost;
    document.body.classList.toggle("is-lost", isLost);
  };

  source.addEventListener("tableau", (event) => {
    heard = Date.now();
    show(false);
    Idiomorph.morph(board, event.data, { morphStyle: "innerHTML", callbacks: keepOpen });
    const headline = board.querySelector("[data-title]");
    if (headline) document.title = headline.dataset.title;
  });
  setInterval(() => show(Date.now() - heard > PATIENCE_MS || (source.readyState !== EventSource.OPEN && Date.now() - heard > 6000)), 1000);
})();
